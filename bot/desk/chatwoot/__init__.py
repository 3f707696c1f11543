"""Chatwoot as the desk: an inbox of its kind "API" gets the conversations, and its webhook brings back the answers."""
