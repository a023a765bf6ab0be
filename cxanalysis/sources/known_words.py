"""Words that may stand in a bad value as it is shown: none of them names a person.

A rating of "excellent" or a time of "soon" tells what is wrong with an export; any other word
might be a name, and is not shown.
"""

from __future__ import annotations

_MISSING = """
n na nan nil none null missing empty blank unknown undefined undetermined unspecified unavailable
available not no non applicable apply applies answer answered response given recorded provided
specified skip skipped refused refusal declined dont don know knows does did do tbd tba todo ref
value error div name num invalid inf infinity pending open closed new draft test dummy default
other others all any n/a keine angabe weiss weiß nicht zutreffend entfällt leer unbekannt fehlt
offen aucun aucune réponse inconnu sans objet ne sait pas ninguno ninguna respuesta desconocido
vacío no sabe contesta nessuno nessuna risposta sconosciuto geen antwoord onbekend nvt niet van
toepassing sem resposta desconhecido nenhum brak nieznany
"""
_RATINGS = """
excellent outstanding perfect great very good well fair okay ok average neutral mixed poor bad
terrible awful horrible worst best better worse low medium middle high higher lower extremely
highly quite rather somewhat slightly moderately mostly completely totally satisfied dissatisfied
unsatisfied happy unhappy sad angry pleased likely unlikely agree disagree strongly neither nor
easy hard difficult simple important unimportant always often sometimes rarely seldom never
positive negative passive promoter promoters detractor detractors offered rated thumbs up down like
dislike star stars point points score out of from to and or the a at in on than more less half one
two three four five six seven eight nine ten zero first second third sehr gut befriedigend
ausreichend mangelhaft ungenügend schlecht zufrieden unzufrieden eher teils stimme zu voll ganz gar
überhaupt très bon bonne bien moyen mauvais satisfait insatisfait plutôt tout fait muy bueno buena
malo mala regular satisfecho insatisfecho ottimo buono scarso soddisfatto insoddisfatto heel goed
slecht tevreden ontevreden muito bom ruim satisfeito insatisfeito true false yes ja nein oui non si
sí sim não nee y j wahr falsch vrai faux on off
"""
_TIMES = """
january february march april may june july august september october november december jan feb mar
apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday mon
tue tues wed thu thur thurs fri sat sun januar februar märz mai juni juli oktober dezember mrz okt
dez montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag janvier février mars
avril juin juillet août septembre octobre novembre décembre enero febrero marzo abril mayo junio
julio agosto septiembre octubre noviembre diciembre gennaio febbraio aprile maggio giugno luglio
settembre ottobre novembre dicembre janeiro fevereiro março maio junho julho setembro outubro
novembro dezembro januari februari maart mei augustus oktober am pm utc gmt cet cest bst est edt
cst cdt mst mdt pst pdt ist jst msk today yesterday tomorrow now soon later earlier ago week weeks
month months quarter year years day days hour hours hrs hr minute minutes mins min second seconds
secs sec ms noon midnight morning evening night date time timestamp am um uhr heute gestern morgen
tag tage stunde stunden woche wochen monat jahr th st nd rd
"""
_AMOUNTS = """
maybe perhaps partly long short big small much many few little lot lots full half empty sleep wait
hold free busy lost
eur usd gbp chf jpy cad aud inr brl euro euros dollar dollars pound pounds percent pct approx about
circa ca over under k m mio thousand million units pieces pcs kg km total sum count id ids number
max minimum maximum
"""
STEPS = """
awareness discovery attraction interaction purchase use cultivation advocacy consideration decision
acquisition onboarding activation adoption retention loyalty renewal expansion churn cancellation
research search browse browsing compare comparison evaluation trial quote order ordering checkout
cart payment billing invoice shipping delivery handover installation setup service support help
complaint repair return returns refund warranty usage upgrade exit pre post sale sales after before
visit login signup sign register registration stage step phase none touchpoint contact contacts
call calls chat mail email web website app shop store online offline phone agent customer client
user kauf bestellung lieferung nutzung beschwerde kündigung compra pedido entrega achat commande
livraison
"""
_MASKS = "e mail phone ip number address word words"

KNOWN = tuple(sorted(set(f"{_MISSING} {_RATINGS} {_TIMES} {_AMOUNTS} {STEPS} {_MASKS}".split())))
