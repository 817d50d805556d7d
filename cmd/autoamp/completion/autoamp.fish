# Completion of autoamp for fish: autoamp completion fish | source

function __autoamp_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $words[1])
    set -l lines ($program __complete fish $words[2..-1] "$current" 2>/dev/null)
    set -l first (string split \t -- $lines[1])
    for line in $lines[2..-1]
        echo $line
    end
    set -l name (string sub -s (math 1 + (string length -- "$first[2]")) -- "$current")
    switch "$first[1]"
        case files
            for path in (__fish_complete_path "$name")
                echo "$first[2]$path"
            end
        case directories
            for path in (__fish_complete_directories "$name" "")
                echo "$first[2]$path"
            end
    end
end

for program in autoamp autoamp-gpu
    complete -c $program -f -a '(__autoamp_complete)'
end
