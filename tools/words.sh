#!/bin/sh
# Makes words_list.h of the English list of the package python3-mnemonic (Expat licence): 2,048 words
# of three to eight letters, of which no two begin with the same four. Another list would be other
# words for the same epoch, so it has to be this one.
set -eu
list=$1
known=2f5eed53a4727b4bf8880d8f3f199efc90e58503646d9ff8eff3a2ed3b24dbda
if [ ! -r "$list" ]; then
    echo "$list is missing: install python3-mnemonic" >&2
    exit 1
fi
if [ "$(sha256sum <"$list" | cut -d' ' -f1)" != $known ]; then
    echo "$list is another list than the one that this program was made for" >&2
    exit 1
fi
echo '/* words_list.h - made by tools/words.sh. */'
echo 'static const char IC_WORDS_LIST[][9] = {'
sed 's/.*/    "&",/' "$list"
echo '};'
