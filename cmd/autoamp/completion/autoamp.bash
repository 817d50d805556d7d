# Completion of autoamp for bash: source <(autoamp completion bash)

_autoamp() {
    local IFS=$'\n' line kind='' prefix current=${COMP_WORDS[COMP_CWORD]}
    local program=${COMP_WORDS[0]/#\~/$HOME}
    COMPREPLY=()
    [[ $current == [=:] ]] && current=
    while IFS= read -r line; do
        if [[ -z $kind ]]; then
            kind=${line%%$'\t'*}
            continue
        fi
        COMPREPLY+=("${line%%$'\t'*}")
    done < <("$program" __complete bash "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
    case $kind in
    files)
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -f -- "$current"))
        ;;
    directories)
        compopt -o filenames 2>/dev/null
        COMPREPLY+=($(compgen -d -- "$current"))
        ;;
    esac
    if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=:] ]]; then
        compopt -o nospace 2>/dev/null
    fi
}

complete -F _autoamp autoamp autoamp-gpu
