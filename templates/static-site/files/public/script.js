console.log('The page is there')
