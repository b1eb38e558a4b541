#include "lab/metrics.h"
