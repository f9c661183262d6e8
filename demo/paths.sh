# SPDX-License-Identifier: Apache-2.0
# Where the demos keep log and keys: under .run/, which grows with each run and may be deleted. Sourced in the root.
log=.run/log
export XDG_CONFIG_HOME=$PWD/.run/config XDG_STATE_HOME=$PWD/.run/state
mkdir -p "$XDG_CONFIG_HOME" "$XDG_STATE_HOME"
