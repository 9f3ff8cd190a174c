#!/bin/sh
# The main job on a copy of examples/shop: three red tests become three commits on a branch.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
ocode=${OCODE:-ocode}
copy=$(mktemp -d "${TMPDIR:-/tmp}/ocode-demo.XXXXXX")
cp -R "$here/shop/." "$copy"
cd "$copy"
git -c init.defaultBranch=main init --quiet
git config user.name "Demo"
git config user.email "demo@example.org"
printf '__pycache__/\n.pytest_cache/\n' >.gitignore
git add --all
git -c commit.gpgsign=false commit --quiet --message "A small shop with three bugs"

printf '\n$ ocode fix\n'
"$ocode" fix
branch=$(git for-each-ref --format='%(refname:short)' 'refs/heads/ocode/**')
printf '\n$ git log -p main..%s\n' "$branch"
git --no-pager log --reverse --patch --format='%n%h %s%n%n%b' "main..$branch"
printf '\nThe copy is in %s. Take the branch with:\n  cd %s && %s accept %s\n' "$copy" "$copy" "$ocode" "$branch"
