#!/bin/sh
# backup.sh WAREHOUSE BACKUP: keeps all that a warehouse can be made again from. GNU cp; may run while a refresh runs.
# WAREHOUSE is the folder that holds `current`. Run it again into the same BACKUP: only new files are copied.
set -eu
warehouse=$1
backup=$2
generation=$(readlink -f "$warehouse/current")
mkdir -p "$backup/generations"
# In this order: each names only what the next ones have.
cp -a "$generation" "$backup/generations/"
cp -a "$warehouse/journal" "$backup/"
cp -au "$warehouse/payloads" "$backup/"
# The generations of earlier backups are not needed.
for old in "$backup/generations"/*; do
    [ "$(basename "$old")" = "$(basename "$generation")" ] || rm -r "$old"
done
echo "$(basename "$generation") is in $backup"
