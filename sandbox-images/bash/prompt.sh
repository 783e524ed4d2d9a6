enable -f /usr/local/lib/berth/prompt.so read
