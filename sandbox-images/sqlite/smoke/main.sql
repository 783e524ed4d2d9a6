CREATE TABLE names (name TEXT);
.import /dev/stdin names
.read greeting.sql
SELECT count(*) || ' names' FROM names;
