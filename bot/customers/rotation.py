"""A new master key: every data key is wrapped anew, in one transaction."""

from __future__ import annotations

import os

from bot.customers.errors import MasterKeyWrong
from bot.customers.keyring import KEY_FILE, KEY_VARIABLE, NEXT_KEY_VARIABLE, new_key, parsed, write_key
from bot.customers.store import CustomerStore


def rotate_key(store: CustomerStore) -> str:
    """Wrap the data keys under the next master key; what was done, in a sentence.

    Where the key is a file, the next one is made, lies beside it until the database has it, and then takes
    its place, so that an interruption loses neither.

    Raises:
        MasterKeyWrong: the present key is not the right one, or the environment lacks the next.
    """
    with store.session() as session:
        connection = session.connection()
        store.keyring.check(connection)
        if os.environ.get(KEY_VARIABLE):
            written = os.environ.get(NEXT_KEY_VARIABLE, "")
            if not written:
                raise MasterKeyWrong(
                    f"The next master key is missing: put it into {NEXT_KEY_VARIABLE}, for instance with"
                    f" `export {NEXT_KEY_VARIABLE}=$(openssl rand -base64 32)`."
                )
            keys = store.keyring.rotate(connection, parsed(written, NEXT_KEY_VARIABLE))
            session.commit()
            return f"{keys} keys are wrapped under the next master key: make it {KEY_VARIABLE} and restart Lichno."
        following = KEY_FILE.with_suffix(".key.next")
        write_key(following, new_key())
        keys = store.keyring.rotate(connection, parsed(following.read_text(), str(following)))
        session.commit()
    os.replace(following, KEY_FILE)
    return f"{keys} keys are wrapped under a new master key, which is in {KEY_FILE}."
