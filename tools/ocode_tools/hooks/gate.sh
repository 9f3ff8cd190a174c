# A draft is for a message that a person is about to write; whatever else git commits passes with no process started.
case ${2:-${PRE_COMMIT_COMMIT_MSG_SOURCE-}} in
'' | template) ;;
*) exit 0 ;;
esac
[ -z "${OCODE_SKIP-}" ] || exit 0
[ "${GIT_EDITOR-}" != : ] || exit 0
# A commit typed while a rebase, merge or the like stands still comes with no source argument.
for folder in "${GIT_DIR:-.git}" "${1%/*}"; do
    for state in rebase-merge rebase-apply sequencer MERGE_HEAD CHERRY_PICK_HEAD REVERT_HEAD; do
        [ ! -e "$folder/$state" ] || exit 0
    done
done
if [ "${2:-${PRE_COMMIT_COMMIT_MSG_SOURCE-}}" = template ]; then
    [ "$(git config --type=bool ocode.draftTemplate 2>/dev/null)" = true ] || exit 0
fi
[ "$(git config --type=bool ocode.draft 2>/dev/null)" != false ] || exit 0
