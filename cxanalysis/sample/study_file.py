"""The sample company's study file, commented for someone who reads one for the first time."""

STUDY_FILE = """\
# The study file of Acme Home, an invented company that sells, delivers and installs kitchens
# and bathrooms. It is all the configuration there is: copy it and change it for your own data.
# Every key that is left out has a default; a key that is not known is refused by name.
schema_version = 1
name = "Acme Home"
time_zone = "Europe/Berlin"        # days, months and quarters are local ones

# Stages of the journey, in order. These eight are the default, so the line could be left out.
stages = [
    "awareness", "discovery", "attraction", "interaction",
    "purchase", "use", "cultivation", "advocacy",
]

# ---- The four tables. Paths are relative to this file. ----------------------------------
# These files have the names that cxanalysis uses and times that carry their offset ("Z" is
# UTC), so nothing needs saying. Where names differ, list every column to read, for example:
#   [tables.tickets.columns]
#   ticket_id = "Ticket number"
#   opened_at = { column = "Created", time_format = "%d.%m.%Y %H:%M", time_zone = "Europe/Berlin" }
#   initiator = { value = "customer" }

[tables.journeys]                  # one row per touch: what the customer lived through
path = "journeys.csv"

[tables.tickets]                   # one row per attempt to contact the company
path = "tickets.csv"

[tables.surveys]                   # one row per invitation; no responded_at = not answered
path = "surveys.csv"

[tables.customers]                 # everyone, also those who are never heard
path = "customers.csv"             # plan and region are segments: --segment region=east

# ---- What counts as service --------------------------------------------------------------
# Tickets always do. Touches in the journeys count only where their channel or touchpoint is
# named here; at Acme Home the planners' phone and chat are part of selling, so none is.
[service]
channels = []
touchpoints = []

aims = { handle_minutes = "lower", resolved_first = "higher" }  # what its team is asked for

# Where a reason for contact belongs: the stage where it arises, and what kind of contact it is.
[reasons]
"where is my order" = { stage = "purchase", kind = "inquiry" }
fault = { stage = "use", kind = "troubleshooting" }
billing = { stage = "purchase", kind = "payment" }
question = { stage = "use", kind = "inquiry" }

# ---- The journey in the company's own words ----------------------------------------------
[journey]
purchase = "purchase"              # the stage at which somebody buys
online = ["web", "email", "chat"]  # channels without meeting or speaking
gestures = ["care tips", "follow-up call"]  # what the company does unasked
own_scores = { purchase = 4.3, use = 4.2 }  # what it believes customers would give, by stage

# ---- Definitions, printed beside the figures they shape ----------------------------------
[metrics]
fcr_window_days = 7                # another contact within seven days: not resolved first
short_abandon_seconds = 5          # callers who hang up sooner are not counted
service_level_seconds = 20         # answered within 20 s counts for the service level
failure_reasons = ["fault", "where is my order"]  # had all gone well, nobody would have asked
not_first_level = ["fault"]        # takes a visit: no first contact can settle it
cost_per_hour = 42.0               # of handling, wages and all
currency = "EUR"
reply_hours = { phone = 0.05, email = 12 }  # targets, counted in opening hours
min_base = 30                      # figures on fewer answers are withheld

# ---- When somebody is in, in the time zone above; a weekday left out is closed --------------
[opening_hours]
monday = "08:00-20:00"
tuesday = "08:00-20:00"
wednesday = "08:00-20:00"
thursday = "08:00-20:00"
friday = "08:00-20:00"
saturday = "08:00-20:00"
holidays = ["2026-04-03", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25", "2026-10-03"]

# ---- The question ------------------------------------------------------------------------
[model]
outcome = "overall_satisfaction"   # what is explained: 1 (very poor) to 5 (very good)
lookback_days = 90                 # from what happened in the 90 days before each answer
not_applicable = "two-part"        # customers without contact stay in, marked as such
margin = 0.20                      # "equivalent" within 20 points of share, fixed beforehand
kind = "ols"                       # or "ordered", or "logit" with top_box = 5, say
weights = "none"                   # or a column of the surveys; against silence: "raked",
                                   # "propensity", from all of customers or those in respond_by
# robustness = ["use_rating"]      # drivers named beforehand: how strong an unmeasured cause
                                   # would have to be to take their link away

# ---- What to mend: who owns a group of drivers, what it costs, and what is out of reach ----
[actions]
purchase = { owner = "Logistics", cost = 60000 }
use = { owner = "Installation", cost = 90000 }
awareness = { owner = "Marketing", within_reach = false }
"how help went" = { owner = "Customer service", cost = 40000 }

[assessment]                       # how the company sees itself, 1 (starting) to 5 (leading)
assessment = 4
map = 4
improvement = 3
optimisation = 4
management = 4
reviewed = "quarterly"

[[benchmarks]]                     # figures of others, invented here; n where it is published
metric = "nps"
value = 15
n = 2400
source = "an invented trade report"
year = 2025

[[benchmarks]]
metric = "first_contact_resolution"
value = 0.71
source = "an invented trade report"
year = 2025

# ---- Safety ------------------------------------------------------------------------------
[limits]
bad_rows = 0.05                    # stop when more than 5 % of a table has to be set aside

# ---- The report --------------------------------------------------------------------------
[report]
every = "quarter"                  # the last complete quarter unless a period is given

# ---- Who gets it: with the marks "#" taken away, batch and run-due deliver each report once. ---
# Secrets stay in environment variables; only their names stand here.
# [deliver]
# folder = "s3://acme/reports"     # a copy: a whole path or an address
# link = "https://reports.acme.example"  # where readers open the folder of reports
# [deliver.mail]
# host = "mail.acme.example"       # port 587 with STARTTLS unless port and security say otherwise
# user = "reports"
# password_env = "CX_MAIL_PASSWORD"
# sender = "reports@acme.example"
# to = ["director@acme.example"]   # every report
# failures_to = ["analyst@acme.example"]
# [deliver.mail.segments]
# "region=east" = ["east@acme.example"]  # reports on this segment only
# [deliver.webhook]                # one JSON message, as chats take it
# url_env = "CX_WEBHOOK"           # or url = "https://…" where the address is no secret
"""
