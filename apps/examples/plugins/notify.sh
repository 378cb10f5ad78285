#!/usr/bin/env bash
# The notification plugin of the demo, made of kcat and jq: the same job as src/notification.ts.
#
#   apps/examples/plugins/notify.sh [broker] [namespace]
#
# kcat commits offsets on its own, every second: killed between a job and its reply, this script may lose or repeat that
# job. The engine offers a job with a timeout again; for work that matters use a client that commits by hand.
set -euo pipefail

broker=${1:-${MILLRACE_KAFKA:-127.0.0.1:9092}}
namespace=${2:-${MILLRACE_NAMESPACE:-millrace.}}
topic="${namespace}plugin.notification.v1"

# Prints the text of a notification; fails for a template it does not know.
render() { # template name
  case $1 in
    welcome) echo "Welcome, $2! Your account is open." ;;
    rejected) echo "Dear $2, we cannot open an account for you." ;;
    reminder) echo "Dear $2, your contract still waits for your signature." ;;
    new-customer) echo "We have a new customer: $2." ;;
    *) return 1 ;;
  esac
}

# A reply: to the topic the job names, the instance as key, all headers of the job copied, more headers as arguments.
reply() { # record value [-H name=value]...
  local record=$1 value=$2
  shift 2
  local -a copied
  eval "copied=($(jq -r '.headers as $h | [range(0; $h | length; 2) | "-H", "\($h[.])=\($h[. + 1])"] | @sh' <<<"$record"))"
  printf '%s' "$value" | kcat -P -b "$broker" -t "$(header "$record" mr-reply-topic)" \
    -k "$(header "$record" processInstanceUuid)" -X acks=all "${copied[@]}" "$@"
}

header() { # record name
  jq -r --arg name "$2" '.headers as $h | first(range(0; $h | length; 2) | select($h[.] == $name) | $h[. + 1]) // ""' <<<"$1"
}

handle() { # record
  local record=$1 deadline to template name text
  deadline=$(header "$record" mr-deadline)
  if [[ -n $deadline && $(date +%s%3N) -gt $deadline ]]; then return; fi
  # A line each; names may contain spaces.
  { read -r to; read -r template; read -r name; } < <(jq -r '.payload | fromjson | .to, .template, .details.name' <<<"$record")
  if text=$(render "$template" "$name"); then
    echo "to $to: $text"
    reply "$record" "$(jq -nc --arg id "$(header "$record" mr-job)" '{notificationId: $id}')"
  else
    reply "$record" '{}' -H "mr-error-message=no template is called $template"
  fi
}

# The first deployment of a process that uses the type creates the topic.
until kcat -L -b "$broker" -t "$topic" -X allow.auto.create.topics=false -J 2>/dev/null |
  jq -e '.topics[0].partitions | length > 0' >/dev/null; do
  sleep 0.5
done

echo "consuming $topic" >&2
kcat -b "$broker" -G "${namespace}plugins.notification" -J -q -u \
  -X isolation.level=read_committed -X auto.offset.reset=earliest -X auto.commit.interval.ms=1000 "$topic" |
  while IFS= read -r record; do
    handle "$record"
  done
