/** What the commonest passwords are made of, longest first where one contains another. */
export const COMMON_WORDS: readonly string[] = [
  'passwords', 'password', 'passwort', 'passw0rd', 'motdepasse', 'contrasena', 'contraseña', 'passphrase', 'passcode',
  'administrator', 'administrador', 'adminadmin', 'admin', 'root', 'superuser', 'user', 'username', 'login', 'guest', 'default',
  'letmein', 'welcome', 'changeme', 'changeit', 'secret', 'trustno', 'whatever', 'nothing', 'access', 'master', 'testing', 'test', 'temporary', 'temp', 'example', 'sample', 'demo', 'berth',
  'iloveyou', 'loveyou', 'ilovegod', 'lovely', 'lover', 'love', 'forever', 'friends', 'friend', 'family', 'happy', 'hello', 'world', 'thankyou', 'please',
  'princess', 'prince', 'queen', 'king', 'angel', 'heaven', 'jesus', 'christ', 'blessed', 'babygirl', 'baby', 'girl', 'boy', 'sweet', 'sweetheart', 'beautiful', 'butterfly', 'flower', 'sunshine', 'rainbow', 'chocolate', 'cookie', 'cheese', 'pepper', 'ginger', 'banana', 'orange', 'apple',
  'football', 'baseball', 'basketball', 'soccer', 'hockey', 'liverpool', 'chelsea', 'arsenal', 'barcelona', 'juventus', 'manchester', 'united', 'yankees', 'lakers', 'cowboys', 'steelers', 'eagles', 'jordan', 'messi', 'ronaldo',
  'superman', 'batman', 'spiderman', 'pokemon', 'pikachu', 'starwars', 'startrek', 'minecraft', 'naruto', 'matrix', 'dragon', 'monkey', 'tiger', 'panther', 'dolphin', 'eagle', 'lion', 'wolf', 'shadow', 'phoenix', 'ninja', 'wizard', 'killer', 'hunter', 'ranger', 'soldier', 'cowboy', 'pirate', 'mustang', 'corvette', 'ferrari', 'porsche', 'mercedes', 'yamaha', 'harley',
  'computer', 'internet', 'google', 'facebook', 'samsung', 'microsoft', 'windows', 'linux', 'server', 'database', 'network', 'hacker', 'system', 'docker', 'qwertz', 'azerty', 'qwerty', 'asdf', 'zxcv',
  'january', 'february', 'march', 'april', 'june', 'july', 'august', 'september', 'october', 'november', 'december',
  'monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday', 'spring', 'summer', 'autumn', 'winter', 'holiday', 'birthday', 'christmas',
  'michael', 'michelle', 'jennifer', 'jessica', 'ashley', 'amanda', 'daniel', 'anthony', 'andrew', 'joshua', 'matthew', 'thomas', 'robert', 'william', 'charlie', 'charles', 'george', 'nicole', 'samantha', 'elizabeth', 'hannah', 'maggie', 'jordan', 'taylor', 'alexander', 'alexandra', 'patrick', 'richard', 'sophie', 'maria', 'carlos', 'bailey', 'buster', 'freedom', 'america', 'london', 'berlin', 'paris', 'newyork', 'california', 'texas'
]
