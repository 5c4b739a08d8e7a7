# English: comparing words, and where data goes.

words-compare = Compare words
words-title = Do you all see these words?
words-line = One person reads them aloud. Everyone else checks.
words-change = They change when someone joins or leaves.
words-numbers = Show as numbers
words-aloud = Read aloud to me
words-offer = Check nobody is between you? 20 seconds.
words-new = Start a new meeting
words-stale = Someone joined or left. There are new words.
words-renew = Show the new words
words-same = { $count ->
    [one] { $names } says they match.
   *[other] { $names } say they match.
  }
words-own = You say they match.
words-missing = Waiting for { $names }.
words-match = The words match. Nobody is sitting between you.
words-say-different = They’re different
words-say-same = They match
words-why = If they match, nobody is sitting between you, not even the people who run the server. If they differ, we stop your mic and camera.
words-differ-title = The words are different
words-differ-line = Someone may be between you. We have turned off your mic and camera. Leave, and tell the others another way.
words-report = Copy a report
words-report-line = The report has these words, the time and how many devices hold the key. No names.
words-not-copied = Your browser did not copy it.
words-again = Compare again
words-asked = { $name } asks everyone to compare words.
notice-words_differ = { $name } sees different words. Someone may be between you.
alarm-words = { $count ->
    [one] This person sees different words: { $names }
   *[other] These people see different words: { $names }
  }
alarm-words-line = Someone may be between you. Stop talking, and reach them another way.

# One person’s number
check-title = Is this { $name }?
check-line = Tell each other the numbers, by voice or in another way. Both of you see the same ones.
check-number = The number of you two
check-hold = They stay the same until one of you comes in anew.
check-why = If they match, you two hold each other’s key, and nobody stands in between. We mark this person as checked by you. If they differ, we stop your mic and camera.
check-differ-title = The numbers are different
check-differ-line = Somebody may be standing in for { $name }. We have turned off your mic and camera. Leave, and reach them another way.
check-again = They match after all
people-check = Compare numbers
people-checked = Checked by you
people-host-checked = Host, checked by you
people-changed = New device, not checked by you
people-different = The numbers are different
notice-key_changed = { $name } is using a new device. You have not checked it.
alarm-changed = { $count ->
    [one] This person uses a new device, which you have not checked: { $names }
   *[other] These people use new devices, which you have not checked: { $names }
  }
alarm-changed-line = You had checked the device before. Compare numbers again before you trust who it is.
alarm-different = { $count ->
    [one] Your number and that of this person differ: { $names }
   *[other] Your numbers and those of these people differ: { $names }
  }

# Where your data goes
where-open = Where data goes
where-title = Where your data goes, right now
where-line = Read from this meeting as it is now.
where-own = Your device
where-own-line = { $count ->
    [one] Locks sound and picture with a key that only this device holds.
   *[other] Locks sound and picture with keys that only the { $count } devices in this meeting hold.
  }
where-server = The server, { $server }
where-server-line = Passes sealed packets on. It has no key, so it cannot open them.
where-others = { $count ->
    [one] { $count } other person
   *[other] { $count } other people
  }
where-others-line = Their devices unlock it. Nobody else’s can.
where-leaves = Leaves your device, sealed
where-voice-on = Your voice: mic is on
where-voice-off = Your voice: no, mic is off
where-picture-on = Your picture: camera is on
where-picture-off = Your picture: no, camera is off
where-screen-on = Your screen: you are sharing
where-screen-off = Your screen: no, you are not sharing
where-chat = Your name, and what you write in chat
where-sees = The server can see
where-address = Your internet address, while you are connected. It is not written down
where-times = When you come and go, and when you send
where-sizes = How much you send, and that others here get it
where-nobody = Nobody collects
where-no-recording = Recordings or transcripts
where-no-attention = Whether you are paying attention
where-no-ads = Anything for ads. No third party is involved
where-usual = How that differs from most calls
where-usual-line = Most calls are locked only on the way to the server. The server opens them, and whoever runs it can listen. Here the server never has the key.
where-keys = The keys
where-route = Route
where-route-unknown = Not connected yet.
where-changed = Keys last changed
where-changed-entry = { $age } ago, when you came in
where-changed-join = { $age } ago, a person joined
where-changed-leave = { $age } ago, a person left
where-changed-renewal = { $age } ago, by a host or to renew them
where-lock = Lock
where-lock-hybrid = MLS with ML-KEM-768 and X25519, then SFrame AES-128-GCM
where-lock-plain = MLS with X25519, then SFrame AES-128-GCM
where-copy = Copy as text
where-limit = What this cannot promise
where-limit-line = This page comes from the server too. Who runs it could send you a changed page. And anybody here can point a camera at a screen.
