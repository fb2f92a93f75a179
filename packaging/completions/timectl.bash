# bash completion for timectl: the program itself says what fits. Options once a dash is there; where nothing fits, files.
_timectl() {
    local IFS=$'\n' word=${COMP_WORDS[COMP_CWORD]} found
    found=$("${COMP_WORDS[0]}" "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null | if [ -n "$word" ]; then grep -v '^/'; else grep -v '^[-/]'; fi)
    COMPREPLY=($(compgen -W "$found" -- "$word"))
}
complete -o default -F _timectl timectl
