"""The demo shop: pages of an invented company that carry the widget, as a real shop's would."""
