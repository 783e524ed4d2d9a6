unit Greeting;

interface

function Greet(const Name: string): string;

implementation

function Greet(const Name: string): string;
begin
  Greet := 'Grüße, ' + Name;
end;

end.
