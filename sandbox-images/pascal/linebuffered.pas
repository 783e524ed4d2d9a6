{ Used by every program (-Fa): flushes after each write, so that nothing printed is lost by a kill. }
unit LineBuffered;

interface

implementation

initialization
  TextRec(Output).FlushFunc := TextRec(Output).InOutFunc;
  TextRec(StdOut).FlushFunc := TextRec(StdOut).InOutFunc;
end.
