/// SAEROK_API marks what libsaerok.so shows to programs: everything else is built with hidden
/// visibility and stays private, the libraries that saerok carries inside included.
#pragma once

#define SAEROK_API __attribute__((visibility("default")))
