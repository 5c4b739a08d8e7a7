# English: inside a meeting.

meeting-heading = In a meeting
title-meeting = In a meeting · incamera
title-live = ● { $title }

skip-tools = To the controls
skip-panel = To the panel

# Top bar
chip-encrypted = End-to-end encrypted
chip-encrypted-short = End-to-end
chip-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
  }
connection-connecting = Connecting
connection-good = Good
connection-weak = Weak
connection-reconnecting = Reconnecting
connection-offline = No network
connection-label = Your connection:
strip-offline = { $seconds ->
    [0] No network. Trying again now.
    [one] No network. Trying again in { $seconds } s.
   *[other] No network. Trying again in { $seconds } s.
  }
strip-reconnecting = Reconnecting. Others do not see or hear you.
strip-signalling = Reconnecting. Others still see and hear what you have on.
strip-long = Still reconnecting.
strip-blocked = Your network blocks video calls. Try another one, or a phone hotspot.
strip-sound-only = Sound only. All pictures are off.
strip-sound-only-begin = Sound only
strip-sound-only-end = Show pictures
strip-sound = Your browser held the sound back.
strip-sound-action = Hear the meeting
clock-host = host: { $name }

# Stage
stage = Meeting
stage-people = People in view
tile-name = { $self ->
    [yes] You, { $camera ->
        [on] camera on
       *[off] camera off
      }
   *[no] { $name }, { $role ->
        [host] host
        [host-checked] host, checked by you
        [checked] checked by you
       *[guest] guest
      }, { $camera ->
        [on] in the picture
       *[off] no picture
      }
  }, { $microphone ->
    [on] mic on
   *[off] mic off
  }{ $speaking ->
    [yes] {""}, speaking
   *[no] {""}
  }{ $hand ->
    [up] {""}, hand up
   *[down] {""}
  }{ $missing ->
    [reconnecting] {""}, reconnecting
    [away] {""}, away
   *[no] {""}
  }, { $place } of { $count }
tile-you = You
tile-you-off = You, camera off
tile-guest = Guest
tile-host = Host
tile-checked = Checked
tile-host-checked = Host, checked
tile-reconnecting = Reconnecting
tile-away = Away
tile-pinned = Large for you
tile-more = +{ $count }
page-next = Next page of people
page-back = Previous page of people
page-of = { $page } of { $pages }
alone-title = You are the only one here
alone-line = Send the link to the people you want to see.
share-by = { $name } is sharing
share-label = Shared screen: { $name }
share-own = You are sharing your screen
share-stop = Stop sharing
share-waiting = Waiting for the picture

# Tools
tools = Meeting controls
tool-microphone = Microphone
tool-mic-on = Mic on
tool-mic-off = Mic off
tool-camera = Camera
tool-camera-on = Camera on
tool-camera-off = Camera off
tool-cam-on = Cam on
tool-cam-off = Cam off
tool-share = Share
tool-sharing = Sharing
tool-share-ask = Ask to share
tool-share-asked = Asked
tool-share-ask-label = Ask to share your screen
tool-share-label = Share your screen
tool-hand = Hand
tool-hand-up = Hand up
tool-hand-label = Raise your hand
tool-people = People
tool-settings = Devices
tool-more = More
tool-leave = Leave
tool-tip = { $what } ({ $key })
key-microphone = M, or hold Space

# Panels
close = Close
people-title = People
people-invite = Copy invite link
people-in = In the meeting
people-hands = Hand up
people-hand = Hand up
people-search = Find a person
people-none = Nobody here has this name.
people-guest = Guest, name not checked
people-you = You
people-mic-on = Mic on
people-mic-off = Mic off
people-speaking = Speaking
people-reconnecting = Reconnecting
people-away = Away
settings-title = Devices
settings-keys = Single keys
settings-keys-line = M, V, O and others act while no field is in use
settings-keys-list = Show all keys
settings-sound-only = Sound only
settings-sound-only-line = No pictures, to you or from you. For a weak connection

# Own devices, pressed in the meeting
mic-denied-inside = Your browser is blocking the microphone. You can listen and type. To talk: press the icon beside the address, choose Allow, then Try again.
mic-busy-inside = { mic-busy }
mic-none-inside = We found no microphone. You can listen and type.
mic-failed-inside = The microphone did not start. You can listen and type.
mic-gone-inside = { mic-gone }
camera-denied-inside = Your browser is blocking the camera. You are in with sound only. To be seen: press the icon beside the address, choose Allow, then Try again.
camera-busy-inside = { camera-busy }
camera-none-inside = We found no camera. You are in with sound only.
camera-failed-inside = The camera did not start. You are in with sound only.
camera-gone-inside = { camera-gone }

# The own connection
path-title = Connection
path-is-good = Your connection is good.
path-is-weak = Your connection is weak. We have turned down pictures to keep voices clear.
path-is-connecting = Connecting.
path-is-reconnecting = Reconnecting.
path-is-offline = No network.
path-way-udp = Sound and picture take the usual way.
path-way-tcp = Your network blocks the usual way. We use a slower one (TCP).
path-way-relay = Sound and picture go through a relay of this server, still sealed.
path-up = Going out
path-up-value = { $value }
path-down = Coming in
path-down-value = { $value }
path-lost = Lost
path-lost-value = { $value }
path-delay = There and back
path-delay-value = { $value } ms
path-turned-down = Turned down
path-nothing = Nothing.
path-smaller = { $count ->
    [one] One picture is smaller or less smooth than it could be: your connection brings about { $rate }.
   *[other] { $count } pictures are smaller or less smooth than they could be: your connection brings about { $rate }.
  }
path-dark = { $count ->
    [one] One picture is left out, so that voices stay clear: your connection brings about { $rate }.
   *[other] { $count } pictures are left out, so that voices stay clear: your connection brings about { $rate }.
  }
path-own_network = Your picture goes out smaller: your connection takes no more.
path-own_device = Your picture goes out smaller: this device is busy.
path-all-off = All pictures, because you chose sound only.
path-less-on = Pictures of people, because you chose to use less data.
path-help = What helps
path-less = Use less data
path-less-line = Small pictures of people, to you and from you. Shared screens stay sharp

# Leaving
leave-title = Leave the meeting?
leave-line = You started this meeting. It can go on without you.
leave-only = Leave
leave-all = End for all
leave-stay = Stay

# Keys
keys-title = Keys
keys-line = They work while no field is in use.
keys-off = Single keys are turned off under Devices.
keys-microphone = Mic on or off
keys-talk = Hold to talk, unless a button is in use
keys-camera = Camera on or off
keys-off-air = Off air: mic, camera and sharing off
keys-share = Share your screen, or stop
keys-hand = Hand up or down
keys-people = People
keys-full = Full screen
keys-who = Say who is speaking
keys-pin = Make a person large, again to undo
keys-list = This list
keys-close = Close the top thing. Never leaves
keys-arrows = Move between people
keys-leave = Leave

# Notices
notice-joined = { $name } joined.
notice-joined-guest = “{ $name }”, guest, joined.
notice-guest-name = “{ $name }”
notice-left = { $name } left.
notice-joined-two = { $first } and { $second } joined.
notice-joined-many = { $more ->
    [one] { $first }, { $second } and one other joined.
   *[other] { $first }, { $second } and { $more } others joined.
  }
notice-left-two = { $first } and { $second } left.
notice-left-many = { $more ->
    [one] { $first }, { $second } and one other left.
   *[other] { $first }, { $second } and { $more } others left.
  }
notice-share_started = { $name } started sharing.
notice-share_asked = { $name } asks to share.
share-allow = Allow
share-not-now = Not now
notice-share_all = Everyone can share their screen now.
notice-share_hosts = Only hosts can share their screen now.
notice-share_taken = A host ended your sharing. You can ask to share again.
notice-chat_on = Chat is on.
notice-chat_off = A host has turned chat off.
notice-mics_on = Microphones are allowed again. Yours is still off.
notice-mics_off = A host has turned microphones off.
notice-mic_held = A host has turned microphones off. Raise your hand, or write.
notice-share_ended = { $name } stopped sharing.
notice-talking_while_muted = You are talking, but your mic is off. Press M or hold Space.
notice-slower_way = Your network blocks the usual route. We are using a slower one. Pictures may be smaller.
notice-back_again = You are back, and your mic is off. Turn it on when you want to talk.
notice-hand_up = { $name } raised a hand.
said-hand-up = Your hand is up.
said-hand-down = Your hand is down.
said-speaking = { $names } speaking.
said-nobody = Nobody is speaking.
said-mic-on = Your mic is on.
said-mic-off = Your mic is off.
said-camera-on = Your camera is on.
said-camera-off = Your camera is off.
said-off-air = You are off air.
