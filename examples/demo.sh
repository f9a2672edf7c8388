#!/bin/sh
# The product in one go: a sample shop is backed up, destroyed, brought back and drilled, with the commands that a person
# would type. Everything lies below .demo/; nothing else on this machine is touched.
set -eu

cd "$(dirname "$0")/.."
root=$PWD
demo=.demo
site=$demo/site             # what must not be lost: shop.sqlite and docs/
python=$root/.venv/bin/python

# The system's restic, or the one that `make tools` fetched.
if ! command -v restic >/dev/null 2>&1; then
    for place in "$root"/.tools/restic-*; do PATH=$place:$PATH; done
    export PATH
fi

bold='' plain=''
if [ -t 1 ]; then bold=$(printf '\033[1m') plain=$(printf '\033[0m'); fi

title() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

# Show a command as one would type it, then do it.
typed() {
    printf '$ '
    for word in "$@"; do
        case $word in *' '*) printf '"%s" ' "$word" ;; *) printf '%s ' "$word" ;; esac
    done
    printf '\n'
}

restora() {
    typed restora --home "$demo/home" "$@"
    "$root/.venv/bin/restora" --home "$demo/home" "$@"
}

shop() { "$python" examples/make_shop.py "$@"; }

began=$(date +%s)
rm -rf "$demo"
mkdir -p "$demo"

title "1  A shop: a database of 50,000 rows, and a folder of documents"
shop build "$site"

title "2  restora looks at it, and makes a repository"
restora init --search "$site" --path "$site/docs" --repository "$demo/repository"

title "3  A sentence becomes a plan"
restora "back up shop nightly, keep 30 days" --yes
restora "back up docs every 6 hours, keep 2 weeks" --yes
restora plan

title "4  The first run"
restora run

title "5  The disaster: the database is deleted, a document overwritten"
shop digest "$site" >"$demo/before"
typed rm "$site/shop.sqlite"
rm "$site/shop.sqlite"
printf '$ echo ruined > %s\n' "$site/docs/contracts/0006.txt"
echo ruined >"$site/docs/contracts/0006.txt"

title "6  The database comes back beside its place, so that one can look first"
restora restore shop --to "$demo/restored/shop.sqlite"
typed mv "$demo/restored/shop.sqlite" "$site/"
mv "$demo/restored/shop.sqlite" "$site/"

title "7  The documents come back in place: that overwrites, so the approval names them"
restora restore docs --in-place --yes --approve docs

title "8  Is everything as it was?"
shop digest "$site" >"$demo/after"
cat "$demo/after"
if ! cmp -s "$demo/before" "$demo/after"; then
    echo "NOT as it was:" >&2
    diff "$demo/before" "$demo/after" >&2 || true
    exit 1
fi
echo "every table and every file is as it was before the disaster"

title "9  A drill proves it without a disaster, and measures how long it takes"
restora drill shop

title "10 The board"
# 20 to 22 mean that somebody should look (the daemon is not running here): told, not a failure of the demo.
status=0
restora status || status=$?
case $status in 0 | 20 | 21 | 22) ;; *) exit "$status" ;; esac

printf '\nDone in %s s. All of it lies in %s/; make clean removes it.\n' $(($(date +%s) - began)) "$demo"
