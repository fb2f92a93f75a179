# fish completion for timectl: the program itself says what fits.
complete -f -c timectl -a '(timectl "[suggest:"(commandline -C)"]" (commandline -cp) 2>/dev/null)'
