return function (name) return 'Grüße, ' .. name end
