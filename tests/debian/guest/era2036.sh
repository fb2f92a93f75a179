# NTP's era ends at 2036-02-07 06:28:16 UTC.
reference
try "it synchronises before the end of the era" timectl waitsync --timeout 200s
n=0; until [ "$(date +%s)" -gt 2085978540 ] || [ $n -gt 900 ]; do n=$((n + 5)); sleep 5; done
try "the clock is right in the next era" bash -c 'timectl waitsync --timeout 120s && date -u +%FT%TZ'
try "chronyd measures" within "$(wrong_by)" 0.01
