# The next boot of the machine that was installed.
reference --shadow-offset 1s
try "after a reboot it starts by itself" until_true 60 active timesuite-ntpd
try "it has the drift of before" bash -c 'test -s /var/lib/timesuite/ntpd/drift && cat /var/lib/timesuite/ntpd/drift | head -1'
try "it synchronises" timectl waitsync --timeout 300s
try "chronyd measures" within "$(wrong_by)" 0.01
