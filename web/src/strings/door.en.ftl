# English: the door and the keys, from inside. Names of people who wait stand in quotation marks.

# Knocks
knock-one = “{ $name }” is waiting
knock-line = Guest, name not checked
knock-many = { $count ->
    [one] { $count } person is waiting
   *[other] { $count } people are waiting
  }
knock-many-line = Guests, names not checked
knock-clash = Guest using your name
knock-clash-here = Guest using a name that is here
knock-clash-waiting = Guest using the name of another who waits
knock-look = Look
knock-later = Later
tool-waiting = { $count } waiting

# Waiting queue
queue-title = Waiting
queue-look = Look before you decide
queue-expected = Expected
queue-let-all = { $count ->
    [2] Let both in
   *[other] Let all { $count } in
  }
queue-let-in-now = Let in
queue-invite = With the invite for { $name }. Name not checked
# $name: the number of an invite; whom it is for, only the host who made it knows.
queue-invite-number = With invite { $name }. Name not checked
queue-invite-shared = Two people came with this invite for one. Ask before you let anyone in.
queue-name = “{ $name }”
queue-clash-you = You are { $name }. Someone we have not checked typed the same name, or one that looks like it.
queue-clash-somebody_here = Somebody in the meeting has this name, or one that looks like it.
queue-clash-somebody_waiting = Somebody else who waits has this name, or one that looks like it.
queue-mixed = This name mixes letters of different alphabets, so it can look like another name.
queue-before = { $count ->
    [one] Somebody was removed or refused before from there.
   *[other] People were removed or refused { $count } times before from there.
  }
queue-asked = You asked
queue-answer = Answer
queue-no-answer = No answer yet
queue-refuse = Refuse
queue-ask = Ask a question
queue-let-in = Let in…
queue-letting-in = Letting in
queue-question = Your question
queue-question-hint = 200 characters at most. Only this person reads it.
queue-send = Send
queue-cancel = Cancel
queue-none = Nobody is waiting.
queue-trust = Names are typed by people. Trust the line below.
let-in-title = Let “{ $name }” in?
let-in-line = You are about to let in someone we have not checked. Ask them something only they would know.
let-in-yes = Let in
go-back = Go back

# People
people-tag-host = Host
people-name-unchecked = Name not checked
people-menu = More for { $name }
people-make-host = Make host
people-mute = Mute
people-send-back = Send to the waiting room
people-allow-share = Allow sharing
people-forbid-share = Don’t allow sharing
people-end-share = Stop sharing
people-remove = Remove
make-host-title = Make { $name } a host?
make-host-line = Hosts let people in, remove people, replace the link and end the meeting for all. This cannot be taken back.
make-host-yes = Make host
send-back-title = Send { $name } to the waiting room?
send-back-line = They are out at once, and the keys change. They see and hear nothing from inside. You let them in again or not. The invite link stays.
send-back-yes = Send out
remove-title = Remove { $name }?
remove-line = They are out at once, and the keys change. The invite link is replaced, so that they cannot come back with it. Those inside stay; whoever else you invited needs the new link.
remove-yes = Remove

# Security
tool-security = Security
security-title = Security
security-truth = { $count ->
    [one] Only this device holds the key. Nobody else can see or hear this.
   *[other] Only the { $count } devices that hold the key can see and hear this.
  }
security-truth-silenced = { $count ->
    [one] Only this device holds the key that it has, and that may be out of date.
   *[other] { $count } devices hold the key that this one has, and it may be out of date.
  }
security-server = The server passes it on but cannot open it.
security-quantum = The keys are post-quantum: what somebody records today stays closed to a quantum computer later.
security-no-quantum = The keys are not post-quantum: a quantum computer could one day open what somebody records today.
security-changes = The keys change whenever someone comes or goes. Who comes in later cannot open what was said before.
security-this-meeting = This meeting
security-meeting-title = Title
security-meeting-title-none = It has none
security-meeting-title-set = Add
security-meeting-title-change = Change
security-meeting-title-change-it = Change the title
security-meeting-title-field = What this meeting is called
security-meeting-title-hint = Everyone who is in it sees this. The server never does. Empty: no title.
security-meeting-title-use = Use it
security-title-show = Show the title to people who wait
security-title-shown = Who has the link sees it before they are let in
security-title-hidden = Only people who are in the meeting see it
security-getting-in = Getting in
security-waiting-room = Waiting room
security-waiting-room-line = A host lets each person in
security-waiting-room-open = Who has the link comes in without being asked
security-straight-in = Invited people come straight in
security-straight-in-on = Who has an invite for one person comes in without being asked
security-straight-in-off = A host is asked about them, too
waiting-room-off-title = Turn the waiting room off?
waiting-room-off-line = Whoever has the link comes in without being asked, after the passcode if there is one. Everyone here is told.
waiting-room-off-yes = Turn off
security-lock = Lock meeting
security-lock-line = Nobody else can ask to join
security-on = On
security-off = Off
security-link = Invite link
security-link-first = With it, people can ask to join
security-link-replaced = { $count ->
    [one] Replaced once. The old one does not work
   *[other] Replaced { $count } times. The old ones do not work
  }
security-replace = Replace
security-passcode = Passcode
security-passcode-line = Asked for besides the link
security-passcode-on = Asked for besides the link. Who waits is asked again when it changes
security-passcode-off = A second secret, sent another way than the link
security-passcode-set = Set
security-passcode-change = Change
security-passcode-clear = Remove
security-passcode-field = New passcode
security-passcode-hint = Tell it by another way than the link. It is not shown again.
security-passcode-refused = This was not taken. Use at least one letter or number.
security-passcode-use = Use it
security-invites = Invites for one person
security-invites-line = Each has its own link, which you can withdraw
security-invite-new = New invite
security-invite-field = Who is it for?
security-invite-hint = Only you see this. It is not in the link.
security-invite-make = Make the link
security-invite-number = Invite { $number }
security-invite-other = Made by another host
security-invite-withdraw = Withdraw
security-people-can = People can
security-can-speak = Turn on their own mic
security-can-speak-on = Everyone
security-can-speak-off = Hosts only
security-can-share = Share their screen
security-can-share-on = Everyone
security-can-share-off = Hosts only. Others ask
security-can-chat = Use chat
security-can-chat-on = Gone when the meeting ends
security-can-chat-off = Hosts only
security-can-link = Post links
security-can-link-on = Everyone. Nothing opens by one press
security-can-link-off = Hosts only. Others’ stay plain text
security-stop = Stop everything
security-stop-line = Mutes all, ends sharing and chat, locks. Can be undone.
security-stop-out = { $count ->
    [0] Take people out, too
    [one] And take { $count } person out
   *[other] And take { $count } people out
  }
security-stop-out-line = They are out at once, and the invite link is replaced. Undo does not bring them back.
security-stop-undo = Undo
security-stopped = Everything is stopped and the meeting is locked.
security-names = Names are typed by each person. Nobody has checked them.
replace-title = Replace the invite link?
replace-line = The old link stops working at once. People who wait with it are told to ask you for the new one. Those inside stay.
replace-yes = Replace link

# What must not be missed
alarm-silenced = Nobody confirms that these keys are current. Your device has stopped sending.
alarm-silenced-line = Your device sends again by itself when a host’s device confirms the keys. If that takes long, leave and ask to join again.
alarm-elsewhere = { $count ->
    [one] This person is in another room: { $names }
   *[other] These people are in another room: { $names }
  }
alarm-elsewhere-line = They do not hold the keys that you hold, though they should. Something may keep you apart. Reach them another way.
alarm-look = Look

# Notices
notice-knocking = “{ $name }” is waiting. Guest, name not checked.
notice-knocking-many = { $count } people are waiting. Names not checked.
notice-meeting_full = The meeting is full. Who you let in comes in as soon as somebody leaves. After a removal, those who wait need the new link.
notice-removed_by_host = { $name } was removed by a host.
notice-sent_back = { $name } was sent to the waiting room.
notice-muted_by_host = { $name }, a host, turned your mic off. You can turn it on again.
notice-camera_by_host = { $name }, a host, turned your camera off. You can turn it on again.
notice-share_by_host = { $name }, a host, stopped your sharing. You can share again.
notice-links_on = Guests’ links in the chat can be opened now. Look where they go.
notice-links_off = Guests’ links in the chat are plain text again.
notice-wrong_commit = A change to this meeting came from someone without the right to make it. Your device refused it.
notice-connection_lost = { $name } lost the connection.
notice-titled = This meeting is called { $name } now.
notice-untitled = This meeting has no title any more.
notice-title_shown = People who wait see the title of this meeting now.
notice-title_hidden = People who wait do not see the title of this meeting any more.
notice-locked = The meeting is locked. Nobody else can ask to join.
notice-unlocked = The meeting is unlocked. People can ask to join.
notice-waiting_room_on = The waiting room is on. A host lets each person in.
notice-straight_in_on = People with an invite for one person come in without being asked now.
notice-straight_in_off = A host lets each person in, also those with an invite.
notice-waiting_room_off = The waiting room is off. Who has the link comes in without being asked.
notice-settings_lost = You started this meeting again. The waiting room is on; co-hosts and invites for one person are gone. Check the settings.
notice-settings_all_lost = You started this meeting again, and its settings are lost. It is locked, with a new link. Check the settings before you unlock it.
notice-settings_hidden = The server does not show this meeting as you left it. It begins anew: locked, with a new link. Check the settings before you unlock it.
notice-settings_unknown = This meeting begins new, without passcode or invites. If you had set any before, set them again.
settings-lost-seen = Understood
notice-link_replaced = The invite link was replaced. The old one stopped working.
notice-link_replaced_waiting = { $count ->
    [one] The old link stopped working. { $count } person was waiting with it.
   *[other] The old link stopped working. { $count } people were waiting with it.
  }

keys-waiting = Who is waiting, for hosts
keys-security = Security
