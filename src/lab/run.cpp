#include "lab/run.h"
