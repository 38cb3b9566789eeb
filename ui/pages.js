// Of the pages beside the chat.
"use strict";
