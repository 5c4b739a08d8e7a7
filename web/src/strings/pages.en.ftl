# English: the pages before and after a meeting. A name is passed as $name and always shown as text.

brand = incamera
title-home = incamera
title-join = Join · incamera
title-left = { $what } · incamera

footer-promise = No cookies. No trackers.

# Home
home-ready = Start a meeting
home-ready-line = Your browser makes the keys and the link. The part of the link after # never reaches the server.
home-start = Start a meeting
home-starting = Starting
home-link = Use a link
home-link-line = Paste the whole link you were sent, with the part after #.
home-link-field = Meeting link
home-link-open = Open
home-link-empty = Paste a link first.
home-no-start = To start a meeting, open the start address from the people who run this server. It works once.
home-made = Your meeting is ready
home-made-line = Send the link to the people you want to see, then go in.
home-enter = Go in
home-facts = What this server knows
home-passes = Passes on
home-passes-what = Sound and picture
home-passes-line = Sealed on each device. The server cannot open them.
home-keeps = Keeps
home-keeps-what = The meeting’s number
home-keeps-line = And a check value of the link, to know who may ask to come in.
home-never = Never gets
home-never-what = Names, words, faces
home-never-line = They are only on the devices of the people in the meeting.
home-past = Past meetings are not listed, because this app does not remember them.

# Invite card
invite-title = Invite to this meeting
invite-copy = Copy link
invite-copied = Copied
invite-copied-said = Link copied
invite-not-copied = Your browser did not copy it. Select the link and copy it yourself.
invite-key = With this link people can ask to join; a host lets each one in. Browsers never send the green part to the server.
invite-here-only = This link works on this computer only. To invite others, start the server with a name of its own.

# Join
join-title = Join the meeting
join-over = A meeting by link
join-preview = Your preview
join-camera-off = Your camera is off
join-nobody = Nobody can see or hear you yet.
join-mic-on = Turn mic on
join-mic-off = Turn mic off
join-camera-turn-on = Turn camera on
join-camera-turn-off = Turn camera off
join-facts = About this meeting
join-encrypted = End-to-end encrypted
join-not-recorded = Not recorded
join-name = Your name in this meeting
join-name-hint-before = Any name will do. Others see it marked
join-name-hint-after = , because nobody has checked it.
join-name-hint-after-opens = , name not checked.
join-guest = Guest
join-host = Host
join-name-empty = Type a name that the others will know.
join-name-too_long = This name is too long. Use 60 characters or fewer.
join-name-bad_characters = This name has characters that cannot be shown. Use letters, numbers and spaces.
join-called = What is this meeting called? You may leave this empty
join-called-hint = Only people who are in it see this. The server never does.
join-called-too_long = This title is too long. Use 100 characters or fewer.
join-called-bad_characters = This title has characters that cannot be shown. Use letters, numbers and spaces.
join-button = Ask to join
join-button-opens = Join
join-joining = Asking
join-joining-opens = Joining
join-quiet = The host will be asked to let you in. Mic and camera stay off.
join-quiet-opens = Your mic and camera are off. You turn them on yourself.
join-live = The host will be asked to let you in. Then your mic and camera are as they are now.
join-live-opens = You go in with your mic and camera as they are now.
join-link-is-key = A host decides who comes in with this link. It opens nothing that somebody records.
join-collected = Collected:
join-collected-line = your internet address, in the server’s memory only. It is never written down.
join-not-kept = Not kept:
join-not-kept-line = who joined, your name, voice and picture. Nobody is tracked.

# Devices
device-microphone = Microphone
device-camera = Camera
device-speaker = Speaker
device-level = Microphone level
device-test = Test sound
device-again = Try again
mic-denied = Your browser is blocking the microphone. You can join and listen. To talk: press the icon beside the address, choose Allow, then Try again.
mic-busy = Another app is using the microphone. Close it, then Try again.
mic-none = We found no microphone. You can join, listen and type.
mic-failed = The microphone did not start. You can join and listen.
mic-gone = The microphone went off. Plug it in again or choose another one, then Try again.
camera-denied = Your browser is blocking the camera. You can join without it. To be seen: press the icon beside the address, choose Allow, then Try again.
camera-busy = Another app is using the camera. Close it, then Try again.
camera-none = We found no camera. You can join with sound only.
camera-failed = The camera did not start. You can go on with sound only.
camera-gone = The camera went off. Plug it in again or choose another one, then Try again.

# Left
left-left = You have left
left-left-line = Nothing from this meeting was kept.
left-ended = The meeting has ended
left-ended-line = The host ended it for everyone. Nothing from it was kept.
left-ended_by_you = You ended the meeting
left-ended_by_you-line = It is over for everyone. Nothing from it was kept.
left-elsewhere = You joined from another tab or device
left-elsewhere-line = This one has left, so that you are not in the meeting twice.
left-gave_up = The connection was lost
left-gave_up-line = We tried for two minutes. The meeting may still be going on: the same link takes you back.
left-removed = You were removed by the host
left-removed-line = The link that you had was replaced. If you think that is a mistake, reach the host the way you got it. Nothing from this meeting was kept.
left-refused = You were not let in
left-refused-line = If you think that is a mistake, reach the host the way you got the link.
left-link_replaced = This link was replaced
left-link_replaced-line = Ask the host for the new one.
left-place_lost = This link was replaced
left-place_lost-line = The host had let you in, and you waited for a place. The link changes when somebody is removed. Ask the host for the new link, and ask to join with it.
left-rejoin = Rejoin
left-ask-again = Ask again
left-home = To the first page

# Problems
problem-link_wrong = This link does not open a meeting. It may be incomplete: it should have a part after #.
problem-link_dead = No meeting opens with this link. It may be over, or the host replaced the link. Ask the host for the link that works now.
problem-link_old = This link is of an older version of this app, whose meetings had no door. Ask the host for a new meeting.
problem-not_the_host = The server showed a meeting that is not of the host who made this link. We did not go in. Ask the host for a new link, another way.
problem-refused_wait = You were refused twice from here. Wait a minute before you ask again.
problem-browser_cannot_encrypt = This browser cannot encrypt a meeting on its own device, so it cannot join. Use a recent Chrome, Edge, Firefox or Safari.
problem-not_secure_context = The browser allows no camera or microphone on this address. Open it with https.
problem-full = This meeting is full. You can wait here: we ask again until someone has left.
problem-start_used = This start address has been used. Ask the people who run this server for a new one.
problem-network = We cannot reach the server. Check your network. We keep trying.
problem-server_stopping = The server is restarting. Your link still works.
problem-no_media = The server cannot carry sound and picture right now. Your link still works.
problem-too_fast = That was too many tries at once.
problem-internal = Something in this app went wrong. Reload the page: your link still works.
problem-retry = Try again
problem-retry-in = { $seconds ->
    [one] Trying again in { $seconds } second.
   *[other] Trying again in { $seconds } seconds.
  }
slow = This is slow. Your network, or ours.

# Network test
network-test = Test my network
network-running = Testing…
network-is-good = Your network lets calls through.
network-is-slower = Your network blocks the usual way. A slower one works, so pictures may be smaller.
network-is-blocked = Your network blocks video calls. Try another network, or a phone hotspot.
network-failed = The test did not work: the server does not answer. Try again in a moment.
network-udp = Usual way (UDP)
network-tcp = Slower way (TCP)
network-relay = Through a relay
network-works = works, { $ms } ms
network-blocked = blocked
network-help = What to tell your IT desk
network-help-line = Please let these through, for sealed video calls:
