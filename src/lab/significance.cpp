#include "lab/significance.h"
