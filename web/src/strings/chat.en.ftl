# English: what people write to each other in a meeting.

tool-chat = Chat
tool-unread = { $count ->
    [one] { $count } new message
   *[other] { $count } new messages
  }
tool-unread-many = more than { $most } new messages
keys-chat = Chat
chat-title = Chat
chat-messages = Messages
chat-none = Nothing is written yet.
chat-came-later = Earlier messages were not sent to you.
chat-gone = Gone when the meeting ends. Links of guests are plain text.
chat-gone-links = Gone when the meeting ends.
chat-off = A host has turned chat off.
chat-field = Message to everyone
chat-send = Send
chat-too-long = { $over ->
    [one] { $most } characters at most. This is one too long.
   *[other] { $most } characters at most. This is { $over } too long.
  }
chat-failed = Not sent.
chat-again = Send again
chat-hiding = This address hides where it goes, so it is no link.

# Links
link-title = This goes to { $name }
link-resembles = It looks like { $name }, but is another place.
link-letters = It was written as { $name }. Letters of other alphabets can look like the ones you know.
link-from = Written by { $name }, a host. Nobody has checked the name.
link-from-guest = Written by { $name }, a guest. Nobody has checked the name.
link-from-checked = Written by { $name }, whom you have checked.
link-own = Written by you.
link-open = Open
link-not = Don’t open

# Said aloud
notice-written = { $name }: { $text }
notice-written-many = { $count } new messages.
settings-read-chat = Read messages aloud
settings-read-chat-line = To screen readers, as they come
