let () =
  let names = In_channel.input_lines stdin in
  List.iter (fun name -> print_endline (Greeting.greet name)) names;
  Printf.printf "%d names\n" (List.length names)
