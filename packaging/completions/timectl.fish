# fish completion for timectl: the program itself says what fits. Options once a dash is there; where nothing fits, files.
function __timectl_fits
    set -l line (commandline -cp)
    set -l found (timectl "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null | string match -v '/*')
    test -n "$(commandline -ct)" || set found (string match -v -- '-*' $found)
    string match -v -- '' $found
end
complete -c timectl -n '__timectl_fits | string length -q' -f -a '(__timectl_fits)'
