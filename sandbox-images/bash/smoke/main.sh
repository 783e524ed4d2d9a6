. ./greeting.sh

count=0
while read -r name; do
  greet "$name"
  count=$((count + 1))
done
echo "$count names"
