"""What each role is called in real exports: headers of helpdesks, surveys, event logs and CRMs.

A phrase is compared word by word with a header split into words, without accents and case.
``strong`` phrases name the role, the best first; ``weak`` ones only suggest it.
"""

from __future__ import annotations

from cxanalysis.recognise.wording import Phrases, bag

# Scores that can be an outcome, the one that asks about most first.
OUTCOME_SCORES = ("overall_satisfaction", "nps", "csat", "ces")

_CUSTOMER = Phrases(
    strong=(
        "customer id", "customer", "customer number", "customer no", "customer key", "client id",
        "client number", "client", "account id", "account number", "account", "user id", "user",
        "member id", "member number", "member", "contact id", "requester id", "requester",
        "requester email", "caller id", "caller", "person id", "person", "party id",
        "external reference", "external id", "subscriber id", "subscriber", "guest id",
        "patient id", "passenger id", "buyer id", "case concept name", "end user", "reporter",
        "customer email", "customer e mail", "kunde", "kunden id", "kundennummer", "kundennr",
        "kunden nr", "kunden nummer", "id client", "no client", "numero client", "num client",
        "cliente", "id cliente", "cliente id", "codigo cliente", "numero de cliente",
        "customer unique id", "loyalty number", "card number", "visitor id", "visitor",
        "visitor email", "username",
    ),
    weak=("email", "e mail", "email address", "mail", "recipient email", "courriel", "correo",
          "correo electronico", "contact", "cust", "uid", "crm id", "contract id",
          "contract number", "contract", "policy number", "policy id", "subscription id",
          "household id", "company id", "organization id", "organisation id", "tenant id",
          "vertragsnummer", "vertrag", "vertragskonto", "policennummer", "versicherungsnummer"),
    never=("type", "name", "segment", "status", "wait", "city", "state", "zip", "satisfaction",
           "service", "tier", "since", "comment", "effort", "age", "gender", "country", "replies",
           "interactions", "group", "plan", "typ", "postal", "region"),
)  # fmt: skip

_CHANNEL = Phrases(
    strong=("channel", "contact channel", "via", "source", "origin", "case origin", "contact type",
            "contact method", "media type", "medium", "media", "kanal", "kontaktkanal",
            "canal", "canal de contact", "canal de contacto", "support channel"),
    weak=("mode", "platform", "contact channel id", "distribution channel", "method"),
    never=("rating", "satisfaction", "name"),
)  # fmt: skip

_COMMENT = Phrases(
    strong=("comment", "comments", "feedback", "remarks", "remark", "verbatim", "free text",
            "open text", "kommentar", "bemerkung", "bemerkungen", "commentaire", "commentaires",
            "comentario", "comentarios", "customer comment", "your comments", "review text",
            "in your own words"),
    weak=("text", "message", "why", "reason for score", "anything else", "suggestions",
          "could we do better", "could we improve", "tell us more", "review"),
    never=("date", "time", "rating", "score"),
)  # fmt: skip

TICKET_WORDS: dict[str, Phrases] = {
    "ticket_id": Phrases(
        ("ticket id", "ticket", "ticket number", "ticket no", "ticket nr", "case id",
         "case number", "case", "incident id", "incident number", "incident", "conversation id",
         "call id", "contact id", "issue key", "request id", "request number", "interaction id",
         "complaint id", "ticketnummer", "ticketnr", "vorgang", "vorgangsnummer", "fallnummer",
         "numero de ticket", "no ticket", "numero ticket", "id ticket", "numero de caso",
         "id caso", "return id", "rma", "claim id", "claim number", "schadennummer"),
        ("id", "number", "nr", "no", "key", "reference", "ref"),
        ("customer", "client", "requester", "agent", "user", "order", "caller"),
    ),
    "issue_id": Phrases(
        ("issue id", "issue", "problem id", "matter", "parent id", "parent case", "thread id",
         "dossier id", "complaint dossier id", "root ticket", "master ticket"),
        ("parent", "thread"),
        ("type", "key", "reason"),
    ),
    "customer_id": _CUSTOMER,
    "opened_at": Phrases(
        ("opened at", "opened", "open date", "opened on", "created at", "created", "created on",
         "created time", "created date", "creation date", "date created", "date opened",
         "date time opened", "call start", "start time", "started at", "submitted at",
         "submitted", "received at", "received", "contact date", "call date", "conversation start",
         "reported at", "logged at", "logged", "erstellt", "erstellt am", "erstellungsdatum",
         "eroffnet", "eroffnet am", "angelegt", "angelegt am", "eingang", "eingegangen am",
         "date de creation", "cree le", "ouvert le", "date d ouverture", "date ouverture",
         "fecha de creacion", "fecha creacion", "creado", "creado el", "fecha de apertura",
         "fecha apertura", "abierto el", "initiation timestamp", "request date", "requested at",
         "requested on", "date requested", "eingangsdatum"),
        ("date", "timestamp", "time", "start", "begin", "datum", "fecha", "when"),
        ("by", "closed", "solved", "resolved", "updated", "end", "first", "reply", "response",
         "wait", "minutes", "seconds", "sys", "due", "birth"),
    ),
    "first_replied_at": Phrases(
        ("first replied at", "first reply at", "first response at", "first reply", "first response",
         "first responded at", "first answered at", "answered at", "answered", "initial response",
         "initial response time", "first admin reply at", "date of first response",
         "first agent reply", "first answer", "first response time", "first reply time",
         "erste antwort", "erste antwort am", "beantwortet am", "premiere reponse",
         "premiere reponse le", "primera respuesta", "fecha primera respuesta"),
        ("replied at", "responded at", "answer time", "picked up at", "response date",
         "replied", "assigned at"),
        ("minutes", "seconds", "hours", "hrs"),
    ),
    "solved_at": Phrases(
        ("solved at", "solved", "solved on", "resolved at", "resolved", "resolved time",
         "resolved on", "resolution date", "date resolved", "closed at", "closed", "closed date",
         "closed on", "close date", "closed time", "date closed", "date time closed",
         "completed at", "geloest", "gelost am", "gelost", "geschlossen", "geschlossen am",
         "erledigt am", "erledigt", "resolu le", "date de resolution", "ferme le",
         "date de cloture", "cloture le", "resuelto", "resuelto el", "fecha de cierre",
         "fecha cierre", "cerrado el", "fecha resolucion", "fecha de resolucion",
         "conversation end", "disconnect timestamp"),
        ("end", "ended at", "end time", "completed", "finished at"),
        ("by", "minutes", "seconds", "hours", "hrs", "code"),
    ),
    "talk_seconds": Phrases(
        ("talk time", "talk", "talk duration", "handle time", "handling time", "handling",
         "service time", "ser time", "call duration", "conversation time",
         "active talk time", "gesprachsdauer", "gesprachszeit",
         "bearbeitungszeit", "duree d appel", "temps de conversation", "duree de traitement",
         "tiempo de conversacion", "duracion de la llamada", "duracion llamada", "aht",
         "time tracked", "time spent", "interaction duration"),
        ("duration", "dauer", "duree", "duracion", "minutes spent"),
        ("hold", "wait", "wrap", "queue", "acw", "resolution", "response", "reply"),
    ),
    "hold_seconds": Phrases(
        ("hold time", "hold", "on hold time", "on hold", "haltezeit",
         "temps de mise en attente", "tiempo en espera"),
        (), ("threshold",),
    ),
    "wrap_seconds": Phrases(
        ("wrap up", "wrap", "wrap up time", "wrap time", "after call work", "acw",
         "nacharbeit", "nachbearbeitung", "nachbearbeitungszeit"),
        (), ("code",),
    ),
    "queue_wait_seconds": Phrases(
        ("queue wait", "queue time", "wait time", "waiting time", "time in queue", "q time",
         "call wait", "wait", "queue duration",
         "speed of answer", "wartezeit", "temps d attente", "attente",
         "tiempo de espera", "espera"),
        ("queue",),
        ("requester", "start", "exit", "name"),
    ),
    "requester_wait_seconds": Phrases(
        ("requester wait time", "requester wait", "customer wait", "customer wait time"),
    ),
    "abandoned": Phrases(
        ("abandoned", "abandon", "is abandoned", "abandoned call", "hung up", "aufgelegt",
         "abgebrochen", "abandonne", "abandonada", "abandonado", "gave up"),
        ("outcome", "call outcome", "call completion status", "call result", "disposition",
         "result", "completion status", "call status", "status"),
        ("time", "seconds", "rate"),
    ),
    "transfers": Phrases(
        ("transfers", "transfer count", "number of transfers", "reassignment count",
         "reassignments", "transferred", "handoffs", "hand offs", "escalations", "weiterleitungen",
         "transferts", "transferencias", "times transferred", "assignee stations",
         "group stations"),
        ("n transferred", "escalation count"),
        ("time",),
    ),
    "channel": _CHANNEL,
    "reason": Phrases(
        ("reason", "contact reason", "call reason", "case reason", "topic", "issue type",
         "ticket type", "case type", "category", "request type", "type", "theme", "subject type",
         "query type", "grund", "anliegen", "kontaktgrund", "kategorie", "thema", "motif",
         "categorie", "sujet", "motivo", "categoria", "tema", "complaint theme",
         "complaint theme en", "problem type", "inquiry type", "reason code", "typ"),
        ("tags", "queue name", "product area", "subcategory"),
        ("id", "contact type", "customer", "abandon"),
    ),
    "initiator": Phrases(("initiator", "initiated by", "direction", "inbound outbound")),
    "replies": Phrases(
        ("replies", "agent replies", "number of replies", "agent interactions", "reply count",
         "responses", "antworten", "public replies"),
        ("interactions",),
        ("first", "time", "customer"),
    ),
    "reopens": Phrases(
        ("reopens", "reopen count", "times reopened", "reopened", "count reopens",
         "wiedereroffnungen", "reouvertures", "reaperturas", "number of reopens"),
        (), ("at", "date"),
    ),
    "policy_kept": Phrases(("policy kept", "handled by policy", "policy compliant")),
    "sla_met": Phrases(
        ("sla met", "made sla", "sla", "within sla", "sla compliance", "sla eingehalten",
         "sla status", "sla breached", "sla violated", "resolution status", "sla respecte",
         "sla cumplido", "first response status"),
        (), ("time", "minutes", "policy", "name"),
    ),
    "csat": Phrases(
        ("csat", "satisfaction score", "satisfaction rating", "customer satisfaction",
         "satisfaction", "csat score", "survey result", "survey results", "zufriedenheit",
         "bewertung", "satisfaccion", "note de satisfaction", "rating", "feedback score",
         "conversation rating"),
        ("score",),
        ("comment", "reason", "date"),
    ),
    "team": Phrases(
        ("team", "group", "assignment group", "assigned group", "agent group", "queue", "skill",
         "department", "support group", "gruppe", "abteilung", "equipe", "groupe", "equipo",
         "grupo", "departamento", "team name", "queue name", "assigned team"),
        (), ("time", "wait", "stations", "start", "exit", "age"),
    ),
}  # fmt: skip

SURVEY_WORDS: dict[str, Phrases] = {
    "response_id": Phrases(
        ("response id", "response", "respondent id", "respondent", "survey id", "submission id",
         "answer id", "interview id", "interview number", "respnum", "resp num", "resp id",
         "review id", "review number", "review no", "survey number", "survey no", "resp",
         "feedback id", "completion id", "antwort id", "antwort nr", "fragebogen",
         "fragebogen nr", "befragungsnummer", "antwortnummer", "id reponse", "no reponse",
         "id respuesta", "id encuesta",
         "numero de respuesta", "questionnaire id", "result id", "record id"),
        ("id", "number", "nr", "no", "record", "case"),
        ("customer", "client", "user", "ticket", "order", "ip"),
    ),
    "customer_id": _CUSTOMER,
    "invited_at": Phrases(
        ("invited at", "invited", "sent at", "sent", "sent on", "sent date", "invitation date",
         "invitation sent", "date sent", "survey sent", "send date", "eingeladen am", "versandt",
         "versandt am", "gesendet am", "versanddatum", "envoye le", "date d envoi", "date envoi",
         "fecha de envio", "fecha envio", "enviado", "enviado el", "review creation date",
         "requested at"),
        ("delivered at", "invite date"),
        ("by",),
    ),
    "responded_at": Phrases(
        ("responded at", "responded", "answered at", "answered", "answered on", "recorded date",
         "response date", "submitted at", "submitted", "submit date", "date submitted", "end date",
         "completed at", "completed", "completion date", "completion time", "survey date",
         "review date", "interview date", "response time", "date of response", "intdate",
         "beantwortet am", "antwortdatum", "ausgefullt am", "eingegangen am", "repondu le",
         "date de reponse", "date reponse", "fecha de respuesta", "fecha respuesta",
         "respondido el", "review answer timestamp", "datestamp", "submission date"),
        ("date", "timestamp", "time", "created at", "created", "datum", "fecha", "created on",
         "start date", "started at", "recorded at", "when", "horodateur", "zeitstempel"),
        ("by", "sent", "birth", "invited"),
    ),
    "kind": Phrases(("survey type", "survey kind", "kind", "survey name"), (), ("id",)),
    "touchpoint": Phrases(
        ("touchpoint", "touch point", "interaction type", "kontaktpunkt", "point de contact",
         "punto de contacto"),
    ),
    "overall_satisfaction": Phrases(
        ("overall satisfaction", "overall", "osat", "overall sat", "satisfaction overall",
         "overall rating",
         "overall experience", "overall score", "general satisfaction", "satisfied overall",
         "total satisfaction", "all things considered", "all in all", "everything considered",
         "as a whole", "in general", "gesamtzufriedenheit", "gesamturteil", "gesamtbewertung",
         "insgesamt", "gesamt", "alles in allem", "zufriedenheit gesamt", "satisfaction globale",
         "satisfaction generale", "dans l ensemble", "globalement", "globale",
         "satisfaccion general", "satisfaccion global", "en general", "en conjunto"),
        ("all", "total", "general", "global", "satisfaction", "satisfied", "how satisfied",
         "zufriedenheit", "zufrieden", "satisfait", "satisfaccion", "satisfecho", "stars",
         "review score", "star rating", "experience", "sat"),
        ("comment", "date", "time", "why", "recommend"),
    ),
    "csat": Phrases(
        ("csat", "csat score", "customer satisfaction", "satisfaction score",
         "satisfaction rating", "support satisfaction", "agent rating", "satisfaction with support",
         "satisfied with support", "zufriedenheit mit dem service", "zufriedenheit service",
         "kundenzufriedenheit", "satisfaction service", "satisfaction client",
         "satisfaccion servicio", "satisfaccion del cliente", "service rating"),
        ("score", "rating"),
        ("overall", "nps", "comment", "recommend", "effort", "date"),
    ),
    "nps": Phrases(
        ("nps", "nps score", "recommend", "likelihood to recommend", "likely to recommend",
         "net promoter", "net promoter score", "netpro", "ltr", "would recommend",
         "likely are you to recommend", "likely is it that you would recommend",
         "weiterempfehlung", "weiterempfehlen", "weiterempfehlungsbereitschaft", "empfehlen",
         "empfehlung", "recommanderiez", "recommandation", "recommander", "recomendacion",
         "recomendaria", "recomendar", "recomendarias", "recommendation"),
        ("score", "likelihood"),
        ("comment", "reason", "group", "category", "date"),
    ),
    "ces": Phrases(
        ("ces", "ces score", "customer effort", "customer effort score", "effort score", "easy",
         "ease", "how easy", "made it easy", "easy to handle", "effort", "einfach", "aufwand",
         "wie einfach", "facile", "facilite", "facil", "facilidad", "esfuerzo"),
        (),
        ("comment", "date", "online", "website"),
    ),
    "comment": _COMMENT,
    "weight": Phrases(("weight", "weights", "wgt", "survey weight", "gewicht", "gewichtung",
                       "poids", "ponderation", "peso", "ponderacion"), (), ("kg", "gram")),
}  # fmt: skip

JOURNEY_WORDS: dict[str, Phrases] = {
    "event_id": Phrases(
        ("event id", "event number", "activity id", "interaction id", "log id", "ereignis id",
         "ereignisnummer", "id evenement", "id evento", "touch id", "visit id"),
        ("id", "nr", "row id"),
        ("customer", "client", "user", "order", "kunden", "session", "case"),
    ),
    "customer_id": _CUSTOMER,
    "occurred_at": Phrases(
        ("occurred at", "occurred", "occurred on", "event time", "event timestamp", "event date",
         "happened at", "timestamp", "time timestamp", "datetime", "date time", "logged at",
         "activity date", "visited at", "zeitpunkt", "zeitstempel", "ereigniszeit", "horodatage",
         "date evenement", "date de l evenement", "fecha evento", "fecha del evento",
         "marca de tiempo", "fecha hora", "ts"),
        ("date", "time", "created at", "created", "when", "at", "datum", "fecha", "start time",
         "start timestamp", "complete timestamp", "uhrzeit", "quand"),
        ("by", "promised", "due", "end", "updated", "birth"),
    ),
    "stage": Phrases(
        ("stage", "journey stage", "phase", "lifecycle stage", "funnel stage", "journey phase",
         "journey step", "etape", "etape du parcours", "etapa", "fase", "reisephase", "abschnitt",
         "funnel step"),
        ("step", "schritt", "paso"),
        ("rating",),
    ),
    "touchpoint": Phrases(
        ("touchpoint", "touch point", "event", "event name", "event type", "activity", "action",
         "interaction", "concept name", "activity name", "page", "kontaktpunkt", "ereignis",
         "aktivitat", "point de contact", "evenement", "activite", "punto de contacto", "evento",
         "actividad", "screen", "event text"),
        ("type", "name", "location", "step", "what"),
        ("customer", "case", "channel", "id", "time", "date"),
    ),
    "channel": _CHANNEL,
    "initiator": Phrases(("initiator", "initiated by", "direction", "started by")),
    "influence": Phrases(("influence", "direct indirect")),
    "rating": Phrases(
        ("rating", "score", "satisfaction", "stars", "event rating", "bewertung", "note",
         "valoracion", "puntuacion", "zufriedenheit", "calificacion", "feedback score"),
    ),
    "effort": Phrases(("effort", "customer effort", "ces", "aufwand", "esfuerzo")),
    "promised_at": Phrases(
        ("promised at", "promised", "promised for", "promised date", "promise date", "due date",
         "due", "due at", "expected at", "expected date", "estimated delivery date", "eta",
         "estimated delivery", "promised delivery", "zugesagt", "zugesagt fur", "zugesagt am",
         "liefertermin", "versprochen", "promis pour", "promis le", "date promise", "prometido",
         "fecha prometida", "fecha comprometida", "agreed date", "committed date",
         "order estimated delivery date"),
        ("estimated", "planned date"),
    ),
    "fulfilled_at": Phrases(
        ("fulfilled at", "fulfilled", "fulfilled on", "delivered at", "delivered on", "delivered",
         "delivery date", "done at", "kept at", "actual date", "erfullt am", "erfullt",
         "geliefert am", "geliefert", "livre le", "realise le", "cumplido", "cumplido el",
         "entregado", "entregado el", "fecha entrega", "fecha de entrega", "done on",
         "completed at"),
        ("completed", "actual delivery"),
        ("estimated", "carrier"),
    ),
    "repromised_at": Phrases(
        ("repromised at", "re promised at", "latest promised date", "revised delivery date"),
    ),
    "deadline_at": Phrases(("deadline at", "deadline", "needed by")),
    "planned_quantity": Phrases(("planned quantity", "planned visits", "planned"), (), ("date",)),
    "actual_quantity": Phrases(("actual quantity", "actual visits", "actual"), (), ("date",)),
    "value": Phrases(
        ("value", "amount", "order value", "revenue", "price", "betrag", "umsatz", "montant",
         "importe", "event value"),
    ),
    "role": Phrases(("role", "acted by", "employee role", "rolle")),
    "comment": _COMMENT,
    "shared_publicly": Phrases(("shared publicly", "posted publicly", "public post")),
    "reach": Phrases(("reach", "audience", "impressions")),
}  # fmt: skip

CUSTOMER_WORDS: dict[str, Phrases] = {
    "customer_id": Phrases(_CUSTOMER.strong, ("id", *_CUSTOMER.weak), _CUSTOMER.never),
    "active_from": Phrases(
        ("active from", "customer since", "signup date", "sign up date", "signed up", "joined",
         "joined at", "join date", "start date", "registered", "registered at", "registration date",
         "created at", "created", "onboarded", "member since", "contract start", "kunde seit",
         "vertragsbeginn", "client depuis", "date d inscription", "cliente desde", "fecha alta",
         "fecha de alta", "since", "valid from"),
        ("from", "start", "date"),
        ("birth", "last", "end"),
    ),
    "active_to": Phrases(
        ("active to", "active until", "churned at", "churn date", "cancelled at", "cancelled on",
         "cancellation date", "end date", "contract end", "left at", "left on", "closed at",
         "vertragsende", "gekundigt am", "resilie le", "date de resiliation", "fecha baja",
         "fecha de baja", "valid to", "until", "ended at"),
        ("to", "end", "churned"),
        ("birth",),
    ),
    "value": Phrases(
        ("value", "customer value", "lifetime value", "ltv", "clv", "revenue", "annual revenue",
         "mrr", "arr", "total spend", "spend", "umsatz", "kundenwert", "chiffre d affaires",
         "valor", "ingresos", "monthly revenue"),
    ),
    "preferred_channel": Phrases(("preferred channel", "channel preference")),
    "referred_by": Phrases(("referred by", "referrer id", "referral id")),
}  # fmt: skip

ROLE_WORDS = {
    "journeys": JOURNEY_WORDS,
    "tickets": TICKET_WORDS,
    "surveys": SURVEY_WORDS,
    "customers": CUSTOMER_WORDS,
}

# How strongly a recognised role speaks for a table: what only one kind of export has counts most.
EVIDENCE: dict[str, dict[str, float]] = {
    "tickets": {
        "ticket_id": 2.5, "opened_at": 1.5, "first_replied_at": 3, "solved_at": 3,
        "talk_seconds": 3, "hold_seconds": 2, "wrap_seconds": 2, "queue_wait_seconds": 3,
        "requester_wait_seconds": 2, "abandoned": 2.5, "transfers": 2, "channel": 1, "reason": 1.5,
        "replies": 2, "reopens": 3, "sla_met": 3, "csat": 0.5, "team": 1.5, "issue_id": 1,
    },
    "surveys": {
        "response_id": 2.5, "invited_at": 3, "responded_at": 1.5, "kind": 1, "touchpoint": 0.5,
        "overall_satisfaction": 3, "csat": 2, "nps": 4, "ces": 3, "comment": 1, "weight": 1,
    },
    "journeys": {
        "event_id": 2, "occurred_at": 1.5, "stage": 4, "touchpoint": 3, "channel": 1,
        "rating": 0.5, "effort": 1, "promised_at": 3, "fulfilled_at": 3, "value": 0.5, "role": 1,
        "initiator": 1, "influence": 1, "planned_quantity": 1, "actual_quantity": 1,
    },
    "customers": {"active_from": 3, "active_to": 3, "value": 1},
}  # fmt: skip

FILE_WORDS: dict[str, frozenset[str]] = {
    "tickets": bag(
        "ticket tickets case cases incident incidents call calls helpdesk servicedesk support"
        " complaint complaints conversations zendesk freshdesk anrufe vorgange appels llamadas"
        " kontakte contacts casos returns claims requests vorgang schaden reklamationen"
    ),
    "surveys": bag(
        "survey surveys nps csat response responses answers feedback reviews satisfaction umfrage"
        " umfragen befragung enquete sondage encuesta encuestas reponses respuestas qualtrics"
        " voc"
    ),
    "journeys": bag(
        "journey journeys event events log clickstream touchpoints activities orders order visits"
        " ereignisse evenements parcours eventos recorrido interactions timeline"
    ),
    "customers": bag(
        "customer customers client clients accounts members users kunden kundenstamm clientes"
        " stammdaten crm"
    ),
}
