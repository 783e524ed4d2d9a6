SELECT 'Grüße, ' || name FROM names;
