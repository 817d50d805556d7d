#compdef autoamp autoamp-gpu
# Completion of autoamp for zsh: source <(autoamp completion zsh), after compinit

_autoamp() {
    local line kind prefix value
    local -a lines values open
    lines=("${(@f)$("${~words[1]}" __complete zsh "${(@)words[2,CURRENT]}" 2>/dev/null)}")
    kind=${lines[1]%%$'\t'*}
    prefix=${lines[1]#*$'\t'}
    for line in "${(@)lines[2,-1]}"; do
        value=${${line%%$'\t'*}//:/\\:}
        if [[ $value == *[=:] ]]; then
            open+=("$value:${line#*$'\t'}")
        else
            values+=("$value:${line#*$'\t'}")
        fi
    done
    (( $#values )) && _describe -t values value values
    (( $#open )) && _describe -t values value open -S ''
    [[ -n $prefix ]] && compset -P "${(b)prefix}"
    case $kind in
    files) _files ;;
    directories) _files -/ ;;
    esac
}

if [[ $funcstack[1] == _autoamp ]]; then
    _autoamp "$@"
else
    compdef _autoamp autoamp autoamp-gpu
fi
