(* Linked into every program: what was printed before a kill must not be lost, and a prompt must show. *)
let () = Out_channel.set_buffered stdout false
