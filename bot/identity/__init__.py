"""Step-up: a code sent to the contact on file, before an address or a contact changes. Knows no Rasa."""
