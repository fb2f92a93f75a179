# The last minutes of a day whose end has a leap second, says the table: inserted, or deleted.
kind=$(cmdline leap) # +1 or -1
midnight=$(($(date -u -d "$(date -u -d "@$(cmdline truth)" +%F)" +%s) + 86400))
table=/etc/timesuite/leap-seconds.list
ntp() { echo $(($1 + 2208988800)); }
updated=$(ntp $((midnight - 8640000))) expires=$(ntp $((midnight + 8640000))) last=$(ntp $((midnight - 86400 * 3000)))
digest=$(printf '%s' "$updated$expires${last}37$(ntp "$midnight")$((37 + kind))" | sha1sum | sed 's/\(........\)\(........\)\(........\)\(........\)\(........\).*/\1 \2 \3 \4 \5/')
printf '#$ %s\n#@ %s\n%s 37\n%s %s\n#h %s\n' "$updated" "$expires" "$last" "$(ntp "$midnight")" $((37 + kind)) "$digest" >$table
printf '[leap]\nfile = "%s"\n' $table >/etc/timesuite/conf.d/leap.toml
reference
./truth leap "$midnight" "$kind"
systemctl restart timesuite-clockd timesuite-ntpd
what=inserted bit=0x10; [ "$kind" = +1 ] || { what=deleted bit=0x20; }
kernel() { ./truth kernel | tr ' ' '\n' | sed -n "s/^$1=//p"; }
try "minutes before a second is to be $what it becomes right" becomes_right 300 0.003
until_date $((midnight - 60))
knows() { ./truth kernel; [ $(($(kernel status) & bit)) != 0 ]; }
try "the kernel knows that a second will be $what" knows
tai=$(kernel tai)
sleep 61; until_date $((midnight + 3)) # in two parts: the leap second is between
happened() { local error; error=$(./truth error); echo "$(date -u +%T): $error s off, TAI - UTC $tai, then $(kernel tai)"; smaller "$error" 0.003 && [ "$(kernel tai)" = $((tai + kind)) ] && [ $(($(kernel status) & bit)) = 0 ]; }
try "a second was $what by the kernel, and the clock is right at once" happened
sleep 200
try "minutes later it is right and called so" becomes_right 60 0.003
no_step() { ! journalctl -u timesuite-clockd -b --no-pager -S "-500s" | grep "step of"; }
try "nobody stepped the clock" no_step
rm -f /etc/timesuite/conf.d/leap.toml $table
