# Word for `ocode watch`, which looks at this work tree then. No Python is started: git stands at the top here.
folder=${XDG_STATE_HOME:-}
case $folder in /*) ;; *) folder=${HOME:-}/.local/state ;; esac
folder=$folder/ocode/spool
if [ -d "$folder" ]; then
    top=$(pwd -P)
    name=$(printf '%s' "$top" | cksum)
    name=${name%% *}
    printf '%s\n' "$top" >"$folder/.$name.$$" && mv -f "$folder/.$name.$$" "$folder/$name"
fi 2>/dev/null
exit 0
