program Main;

uses Greeting;

var
  Name: string;
  Count: Integer = 0;

begin
  while not EOF do
  begin
    ReadLn(Name);
    WriteLn(Greet(Name));
    Inc(Count);
  end;
  WriteLn(Count, ' names');
end.
