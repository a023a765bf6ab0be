"""Words that values and headers use, as data: codes, units, yes and no, people, service, stages."""

from __future__ import annotations

import re

from cxanalysis.recognise.wording import bag

MISSING_CODES = bag(
    "? - -- --- – — . n/a na n.a. n.a #n/a nan null (null) none blank (blank) (empty) empty \\n"
    " k.a. k.a nil #null! undefined <na> <null> n.v.t. s/o"
) | {"not available", "no data", "no answer", "keine angabe", "not set", "(not set)", "sin datos"}

DATE_WORDS = bag(
    "date datum fecha time timestamp at created opened closed solved resolved on day when ts since"
    " start end intdate recorded zeitpunkt am le datetime"
)
LENGTH_WORDS = bag("duration wait hold talk handle length resolution response reply age elapsed")
NUMBER_WORDS = bag("by id ids number no nr num nummer count anzahl numero code")
DURATION_UNITS: dict[str, frozenset[str]] = {
    "milliseconds": bag("ms millis milliseconds msec"),
    "seconds": bag("seconds secs sec second s sekunden secondes segundos sek"),
    "minutes": bag("minutes mins min minute minuten minutos"),
    "hours": bag("hours hrs hour h stunden std heures horas"),
    "days": bag("days day tage jours dias"),
}
TRUE_WORDS = bag("yes y true t 1 ja j oui o si sim s wahr vrai verdadero abandoned aufgelegt met x")
FALSE_WORDS = bag("no n false f 0 nein non falso faux falsch nao")
GAVE_UP = re.compile(
    r"abandon|hang|hung|gave ?up|lost|missed|verlassen|aufgelegt|abgebrochen|colgad", re.IGNORECASE
)
BREACHED = bag("breached violated breach missed verletzt")

PERSONAL_WORDS = bag(
    "firstname lastname surname forename vorname nachname prenom apellido apellidos nombre nom"
    " street strasse rue calle ip ipaddress phone telephone telefon telefono mobile handy fax"
    " latitude longitude birthday birthdate dob geburtsdatum ssn iban passport"
)
STAFF_WORDS = bag(
    "agent agents assignee assigned server operator advisor rep representative bearbeiter"
    " mitarbeiter conseiller agente owner"
)
PERSONAL_PHRASES = (
    "first name", "last name", "full name", "customer name", "client name", "user name",
    "contact name", "requester name", "recipient first name", "recipient last name", "ip address",
    "date of birth", "postal address", "home address", "user agent", "caller name", "agent name",
)  # fmt: skip

SEGMENT_WORDS = bag(
    "segment segments country region plan tier market language lang gender sex age group product"
    " brand class industry size type tenure land sprache geschlecht pais pays sexo genre idioma"
    " langue kundentyp area district tarif contract paket household lifecycle cohort branch"
    " purpose sparte store property site line room travel"
    " state province bundesland provincia departement"
)
DEMOGRAPHIC_WORDS = bag(
    "age gender sex income education zip postal year month children household count number num purp"
    " strata code id flight gate lang method wave quarter duration weight flown visits alter"
    " geschlecht edad sexo"
)
RATING_WORDS = bag(
    "satisfaction satisfied satisfy rate rating rated score quality easy ease stars agree zufrieden"
    " zufriedenheit bewertung qualitat satisfait qualite satisfaccion satisfecho calidad note"
    " valoracion opinion experience likely how"
)
EFFORT_WORDS = bag("effort aufwand esfuerzo difficulty")
# Words at the ends of a scale that a header spells out, and words that turn them round.
GOOD_END = bag(
    "satisfied good great excellent best easy likely agree happy always outstanding perfect"
    " zufrieden gut einfach leicht wahrscheinlich exzellent ausgezeichnet beste"
    " satisfait satisfaite bon excellente facile probable"
    " satisfecho satisfecha bueno buena excelente facil"
)
POOR_END = bag(
    "dissatisfied unsatisfied bad poor terrible awful worst difficult hard unlikely disagree"
    " unhappy never effort unzufrieden schlecht mangelhaft ungenugend schwer schwierig kompliziert"
    " unwahrscheinlich schlechteste insatisfait insatisfaite mauvais difficile improbable"
    " insatisfecho insatisfecha malo mala dificil aufwand esfuerzo"
)
NOT_WORDS = bag("not no nicht kein keine pas non nada without ohne sans sin little low wenig")
SERVICE_WORDS = bag(
    "agent agents support staff help helped helpful helpdesk servicedesk hotline advisor adviser"
    " representative callcenter callcentre kundendienst kundenservice kundenbetreuung berater"
    " mitarbeiter personal personnel conseiller assistance soporte atencion asistente ayuda"
    " helpline concierge reception receptionist frontdesk consultant technician"
    " crew empfang rezeption"
    " complaint complaints beschwerde reclamation info information"
)
SERVICE_PHRASES = (
    "service desk", "help desk", "help line", "front desk", "call center", "call centre",
    "contact center", "contact centre",
    "customer service", "customer care", "customer support", "service client",
    "servicio al cliente", "info booth", "info desk", "check in service", "complaint handling",
)  # fmt: skip
BARE_SERVICE = bag("service services servicio servicios servizio servico")
NOT_SERVICE_PHRASES = ("information on the website", "self service")
GLOBAL_WORDS = bag(
    "recommend recommendation loyal loyalty loy renew renewal repurchase again trust churn stay"
    " weiterempfehlung treue wiederkauf recommander fidelite recomendar lealtad overall gesamt"
    " insgesamt globale nps csat ces"
)
STAGE_WORDS: dict[str, frozenset[str]] = {
    "awareness": bag("advert advertising ad ads campaign brand werbung publicite"),
    "discovery": bag(
        "search website site web information info catalogue catalog research app webseite online"
        " informations homepage sitio"
    ),
    "attraction": bag(
        "offer price pricing range selection choice angebot preis sortiment offre prix gamme"
        " oferta precio design"
    ),
    "interaction": bag(
        "advice consultation sales showroom beratung conseil asesoramiento checkin showing"
    ),
    "purchase": bag(
        "order ordering booking checkout payment pay buying purchase buy contract bestellung"
        " bezahlung kauf kaufen commande paiement achat pedido pago compra reservation invoice"
        " billing rechnung"
    ),
    "cultivation": bag("newsletter loyalty account renewal membership rewards"),
    "advocacy": bag("community referral"),
    "use": bag(
        "delivery delivered shipping lieferung versand livraison entrega product products produkt"
        " produkte produit produits producto productos usage usability"
    ),
}
EVENT_STAGE_WORDS: dict[str, frozenset[str]] = {
    "awareness": bag("ad advert impression campaign"),
    "discovery": bag("visit visited search viewed view browse session"),
    "interaction": bag(
        "quote consultation appointment demo trial lead cart basket wishlist sign signup signed"
        " register registered registration"
    ),
    "purchase": bag(
        "order ordered purchase purchased buy bought paid payment approved checkout booked booking"
        " contract bestellt bezahlt"
    ),
    "use": bag(
        "shipped delivered delivery received installed activated carrier dispatch dispatched"
        " used returned geliefert versandt"
    ),
    "cultivation": bag("renewed renewal upgraded newsletter"),
    "advocacy": bag("recommended referred review reviewed share shared invite invited"),
}
STOP_WORDS = bag(
    "how would you rate the your our with of were are is was satisfied satisfaction please a an to"
    " and for did do on in at we us overall following wie zufrieden sind sie mit der die das dem"
    " den unserer unserem unseren etes vous satisfait de la le les du notre votre esta usted"
    " satisfecho con el los las su nuestro nuestra ihre ihr score rating q it that"
)

# Answers that are no rating: what was asked about was not used, or nothing was said of it.
NOT_APPLICABLE = frozenset(
    ("not applicable", "does not apply", "doesnt apply", "not used", "never used", "did not use",
     "havent used", "have not used", "n a", "na", "no experience", "not relevant", "no contact",
     "trifft nicht zu", "nicht zutreffend", "nicht genutzt", "nicht verwendet", "nie genutzt",
     "entfallt", "non applicable", "sans objet", "pas utilise", "no aplica", "no procede",
     "no utilizado", "niet van toepassing", "non applicabile", "nao se aplica")
)  # fmt: skip
NO_ANSWER = frozenset(
    ("dont know", "do not know", "i dont know", "dk", "not sure", "unsure", "cant say",
     "cannot say", "no opinion", "prefer not to say", "prefer not to answer", "no answer",
     "refused", "skipped", "unknown", "weiss nicht", "weiss ich nicht", "keine angabe",
     "keine antwort", "keine meinung", "ne sait pas", "je ne sais pas", "sans avis",
     "sans reponse", "no se", "no sabe", "ns nc", "sin respuesta", "sin opinion", "weet niet",
     "non so", "nao sei")
)  # fmt: skip
# What ratings are often asked about besides the words of stages and of service.
PART_WORDS = bag(
    "value money quality speed friendliness cleanliness comfort reliability"
    " punctuality returns packaging communication"
)

# Verbal answers from worst to best; a column holding only these becomes numbers 1, 2, 3 …
VERBAL_SCALES: tuple[tuple[str, ...], ...] = (
    ("very dissatisfied", "dissatisfied", "neutral", "satisfied", "very satisfied"),
    ("very dissatisfied", "dissatisfied", "neither satisfied nor dissatisfied", "satisfied",
     "very satisfied"),
    ("very dissatisfied", "dissatisfied", "neither", "satisfied", "very satisfied"),
    ("very unsatisfied", "unsatisfied", "neutral", "satisfied", "very satisfied"),
    ("strongly disagree", "disagree", "neutral", "agree", "strongly agree"),
    ("strongly disagree", "disagree", "neither agree nor disagree", "agree", "strongly agree"),
    ("very poor", "poor", "fair", "good", "very good"),
    ("poor", "fair", "good", "very good", "excellent"),
    ("very bad", "bad", "ok", "good", "very good"),
    ("very difficult", "difficult", "neutral", "easy", "very easy"),
    ("extremely dissatisfied", "somewhat dissatisfied", "neither satisfied nor dissatisfied",
     "somewhat satisfied", "extremely satisfied"),
    ("extremely dissatisfied", "moderately dissatisfied", "slightly dissatisfied",
     "neither satisfied nor dissatisfied", "slightly satisfied", "moderately satisfied",
     "extremely satisfied"),
    ("very dissatisfied", "somewhat dissatisfied", "neither satisfied nor dissatisfied",
     "somewhat satisfied", "very satisfied"),
    ("not at all satisfied", "not so satisfied", "somewhat satisfied", "very satisfied",
     "extremely satisfied"),
    ("not satisfied at all", "slightly satisfied", "moderately satisfied", "very satisfied",
     "extremely satisfied"),
    ("strongly disagree", "somewhat disagree", "neither agree nor disagree", "somewhat agree",
     "strongly agree"),
    ("extremely difficult", "somewhat difficult", "neither easy nor difficult", "somewhat easy",
     "extremely easy"),
    ("very difficult", "difficult", "neither easy nor difficult", "easy", "very easy"),
    ("terrible", "poor", "average", "good", "excellent"),
    ("very low quality", "low quality", "neither high nor low quality", "high quality",
     "very high quality"),
    ("sehr unzufrieden", "unzufrieden", "neutral", "zufrieden", "sehr zufrieden"),
    ("sehr unzufrieden", "eher unzufrieden", "teils teils", "eher zufrieden", "sehr zufrieden"),
    ("tres insatisfait", "insatisfait", "neutre", "satisfait", "tres satisfait"),
    ("pas du tout satisfait", "peu satisfait", "moyennement satisfait", "satisfait",
     "tres satisfait"),
    ("muy insatisfecho", "insatisfecho", "neutral", "satisfecho", "muy satisfecho"),
    ("bad", "good"),
    ("no", "yes"),
    ("dissatisfied", "satisfied"),
    ("neutral or dissatisfied", "satisfied"),
    ("unhappy", "happy"),
    ("thumbs down", "thumbs up"),
)  # fmt: skip
