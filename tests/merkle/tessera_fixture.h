// SPDX-License-Identifier: Apache-2.0
// The test log of transparency-dev/tessera (testdata/log): entries, and checkpoints as Tessera
// signed them.
#pragma once

namespace tally::merkle {

inline constexpr const char* kTesseraEntries[] = {
    "one",  "two", "three",  "four",  "five",     "six",     "seven", "eit",
    "nain", "ten", "ileven", "twelf", "threeten", "fourten", "fivten"};

struct TesseraCheckpoint {
  unsigned size;
  const char* note;
};

inline constexpr const char* kTesseraOrigin = "example.com/log/testdata";

inline constexpr TesseraCheckpoint kTesseraCheckpoints[] = {
    {0,
     "example.com/log/testdata\n0\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n\n"
     "\xE2\x80\x94 example.com/log/testdata "
     "M9e0lhxJACzE1KoUdqKuPa+9p6R7dSW8BlEvrg/"
     "noo8FkGg6PbJoRNOcdjqjOq89wVvTA60eubCc4oufo5BvIVEgtQc=\n"},
    {1,
     "example.com/log/testdata\n1\n0Nc2CrefWKseHj/mStd+LqC8B+NrX0btIiPt2SmN+ek=\n\n"
     "\xE2\x80\x94 example.com/log/testdata "
     "M9e0lhr9kuLxGdAtaUrhm84TQffVsLdcy808sN0a3WyniNlfcr9+bywoiIke1YYciCNjJGkCgIlQ8b16jhsmg/"
     "SChAM=\n"},
    {7,
     "example.com/log/testdata\n7\nIrSXADBqJ7EQoUODSDKROySgNveeL6CFhik2w/+fS7U=\n\n"
     "\xE2\x80\x94 example.com/log/testdata "
     "M9e0luA5JhTRUki/"
     "BBQD0QNiH6AEJ2pdtsA5CQjqJErViuuKrN6513RCTL2640wXJv0dCed3neRGI6dMzBq9uANf2Qc=\n"},
    {8,
     "example.com/log/testdata\n8\nbC+VwvrJbalNVjfkdI8kUgs7mJoXrqiXCE7bgnD28pY=\n\n"
     "\xE2\x80\x94 example.com/log/testdata "
     "M9e0lq1EK37dHtgv9O3UzPxisw5vwIPcJsX9ab0xt4mvVfbdUR1fbMjN6sBFYpBoBEmD4+cWhj/"
     "AVgI5MitCO5+mews=\n"},
    {15,
     "example.com/log/testdata\n15\nrKbDipCvhuX1GZ7g5BBe8sA6BbJ7ja/1nk427v383cs=\n\n"
     "\xE2\x80\x94 example.com/log/testdata "
     "M9e0luh4jTG+UMBqOUo9/q+yAEvx1ilBEniMvjf1zfcBOhg+CKubMt53MvIt/uEWP6zdkdIQzd/fmwlM/"
     "dlPWF74ewI=\n"}};

}  // namespace tally::merkle
