create table book (title text, author text, year integer);

insert into book values
  ('The Left Hand of Darkness', 'Ursula K. Le Guin', 1969),
  ('Solaris', 'Stanisław Lem', 1961),
  ('Kindred', 'Octavia E. Butler', 1979);

.mode box
select author, title from book where year > 1965 order by year;
