"""Given names that people commonly have, to tell a person's name from a plan's or a team's.

Names that are as well known as a place, a month, a brand or a plain word are left out: a column
of shops or plans must not be taken for one of persons.
"""

from __future__ import annotations

_ENGLISH = """
aaron abigail adam adrian agnes aidan alan albert alec alex alexander alexandra alfred alice alicia
alison allison amanda amelia amy andrea andrew andy angela anita ann anna anne annie anthony
antonia archie arnold arthur ashley audrey barbara barry beatrice becky ben benjamin bernard beth
bethany betty beverly blake bob bobby brad bradley brandon brenda brendan brian bridget bruce bryan
caitlin callum calvin cameron carl carla carol caroline carolyn catherine cathy cecilia charles
charlie chloe chris christina christine christopher cindy claire clara clare claudia clive colin
connor craig curtis cynthia daniel danielle danny darren dave david deborah debra dennis derek
diana diane dominic donald donna dora doreen doris dorothy douglas duncan dylan eddie edgar edith
edmund edward edwin eileen elaine eleanor elena eliza elizabeth ella ellen ellie elliot elsie emily
emma eric erica erin ernest esther ethan eugene eva evan evelyn fiona frances francis frank fred
freddie frederick gabriel gail gareth gary gavin gemma geoffrey george georgina gerald geraldine
gerard gertrude gillian gina gladys glenn gloria gordon graham greg gregory gwen hannah harold
harriet harry harvey hector heidi helen henry herbert hilary howard hugh hugo iain ian ida imogen
ingrid irene isaac isabel isabella isla ivan jack jackie jacob jacqueline jake james jamie jan jane
janet janice jason jean jeff jeffrey jenna jennifer jenny jeremy jerry jesse jessica jill jim jimmy
joan joanna joanne joe joel john johnny jonathan joseph josephine josh joshua joyce judith judy
julia julian julie justin karen karl kate katherine kathleen kathryn kathy katie kay keith kelly
ken kenneth kerry kevin kieran kim kirsten kristen kyle larry laura lauren laurence lawrence leah
lee leo leonard leslie lewis liam lily linda lisa liz lois lorna lorraine louis louise lucas lucy
luke lydia lynn mabel maggie malcolm marcia marcus margaret maria marian marie marilyn marion
marjorie martha martin marvin mary mathew matilda matthew maureen maurice megan melanie melissa
michael michelle miguel mike mildred millie miranda miriam molly monica morgan muriel myra nancy
naomi natalie natasha nathan nathaniel neil nell nicholas nick nicola nicole nigel nina noah noel
nora norma norman oliver olivia oscar owen pamela patricia patrick paul paula pauline peggy
penelope percy peter phil philip phillip phoebe phyllis polly quentin rachel ralph randy raymond
rebecca reginald rhys richard rita rob robert roberta robin rodney roger roland ron ronald rory
rosalind ross roy rupert russell ruth ryan sabrina sally sam samantha samuel sandra sara sarah
scott sean sebastian sharon shaun sheila shelley shirley simon sonia sophia sophie spencer stacey
stanley stella stephanie stephen steve steven stewart stuart sue susan susanna suzanne sylvia
tamara tanya tara ted terence teresa terry thelma theodore theresa thomas tim timothy tina toby
todd tom tommy tony tracey tracy travis trevor tristan tyler ursula valerie vanessa vera veronica
vicky victor vincent vivian walter wanda warren wayne wendy wesley wilfred william winifred yvonne
zachary zoe
"""
_GERMAN_DUTCH_NORDIC = """
achim agneta aino anders andreas anja anke annegret anneke annemarie annika antje arno astrid axel
beate bengt bernd bernhard birgit birgitta björn bodo bram brigitte britta burkhard bärbel carsten
christa christian christoph cornelia daan dagmar detlef dieter dietmar dirk doris dörte eberhard
eero elfriede elin elisabeth elke erik erika ernst erwin eva falk felix femke florian franz
franziska fredrik friederike friedrich fritz gabi gabriele geert georg gerd gerda gerhard gijs
gisela gregor greta gudrun gunnar gunther gustav günter günther hakan hanna hannelore hans harald
hartmut hedwig heike heiko heinrich heinz helga helmut hendrik henning henrik herbert hermann
hildegard holger horst håkan ilona ilse ineke ines inge ingeborg ingo ingrid irmgard isolde jaap
jakob jana jens jeroen jesper joachim jochen johan johann johanna johannes joke jonas joost joris
josef jukka julia jutta jörg jürgen kai karin karla karsten katharina kathrin katja katrin kees
kerstin kjell klara klaus koen konrad kristin kristina kurt lars lena lennart leonie lieke lothar
ludwig lukas lutz maarten magnus manfred manuela marcel margarete margit marianne marieke marijke
marion marjan markus marlene martina matthias maximilian mechthild meike michaela mieke mika mikael
monika moritz morten nadine niels niklas nils norbert olaf oliver oskar otto peer pekka petra
philipp pieter päivi rainer ralf rasmus regina reiner reinhard renate rolf roswitha rudolf ruud
rüdiger sabine sandra sascha saskia sebastian sibylle siegfried sigrid sigurd silke silvia simone
sjoerd solveig sonja stefan stefanie steffen stig susanne sven svenja søren tanja theo thijs thor
thorsten timo tobias torsten tove udo ulf uli ulrich ulrike ursula ute uwe veronika volker walburga
werner wiebke wilfried wilhelm willem wim wolfgang wouter yannick
"""
_ROMANCE = """
adriana adriano agnès alain alberto alejandra alejandro alessandra alessandro alessia alfonso
alfredo alvaro amélie ana anaïs andrés angelica angelo annick antoine antonella antonio arnaud
arturo aurélie beatriz benoît bernadette bianca bruno camila camille carlos carmen catarina
caterina chantal chiara christelle christophe claude clémence concepción concetta corinne cristian
cristiana cristina cécile céline damien daniela daniele david delphine denise diego dolores
dominique eduardo elisa emanuela emilio emmanuel enrico enrique ernesto esperanza esteban estelle
eugenia fabien fabio fabrice federica federico felipe fernanda fernando filipe filippo francesca
francesco francisca francisco françois françoise gabriela gaëlle geneviève germán ghislaine giacomo
gianluca gilles giorgio giovanna giovanni giulia giuseppe gonzalo graziella grégory guadalupe guido
guillaume guillermo gustavo gérard henri hernán hervé hélène ignacio inès inês isabelle iñigo
jacques jaime javier jesús joaquim joaquín jorge josefa josiane josé joão juan juana juliana julien
juliette julio jérôme laetitia laurent lorenzo loïc luc luca lucia luciana luciano lucía ludovic
luigi luis luisa luiz léa mafalda manuel marcela marcelo marco margarita margherita mariana mario
marta martine massimo mateo mathieu mathilde matteo maurizio michel michele mireille monique
montserrat mélanie nadia nathalie nicolas nicoletta nuno odile olivier pablo paola paolo pascal
pasquale pedro pierre pietro pilar rafael raimundo ramón raquel raúl renata renaud renzo ricardo
riccardo roberto rocío rodrigo rosa roxane régis salvatore sandrine serge sergio silvana simona
sofía stefania stefano stéphane stéphanie susana sylvain sylvie sébastien teodoro thiago thierry
thérèse tiago tomás valentina valeria vicente vincenzo virginie vittorio véronique xavier yolanda
yves álvaro élise élodie étienne óscar
"""
_EASTERN = """
agata agnieszka aleksander aleksandra alexandru alicja anastasia anatoly andrei andrej andrzej
artur attila balázs barbora bartosz beata bogdan bogdana bogusław boris cezary czesław danuta darek
dariusz dimitrios dmitri dmitry dorota eleni elżbieta ewa ewelina ferenc filip galina giannis
grażyna grzegorz györgy gábor halina henryk igor ilona ionel irina istván iveta iwona jacek jadwiga
jakub janusz jarosław jerzy jiří joanna justyna józef kamil karolina katarzyna kazimierz konstantin
konstantinos krystyna krzysztof lech leszek ludmila lászló maciej marcin marek mariusz marzena
małgorzata michał mieczysław mihai mikhail milan milena mirosław nadezhda natalia nikolai nikolaos
olga ondřej panagiotis paweł petr piotr rafał renata roman ryszard sergei sergey stanisław svetlana
szymon sándor sławomir tadeusz tatiana tatyana tomasz urszula vasiliki vladimir vladislav václav
wiesław wiktor witold wojciech władysław yannis yuliya yuri zbigniew zdeněk zofia zoltán zsuzsa
łukasz
"""
_FURTHER = """
aarav abdul abdullah adebayo aditi ahmad ahmed ahmet aisha ajay akash akira akosua ali amara amina
amir amit amita anand anil anita anjali ankit ankita anup anwar aparna arjun arun asha ashok ayesha
ayumi ayşe bilal burak cem chidi chinedu chinwe daisuke deepa deepak deepika deniz divya elif emeka
emi emine emre farah farid fatima fatma ganesh gaurav geeta guoqiang hakan halil hamid hamza harish
haruka hasan hassan hatice hemant hiroshi huiling hussein hüseyin ibrahim imran ismail jianguo jiho
jihoon jiwoo jyoti kamal kaori karim kavita kazuo keiko kenji khaled khalid kiran kofi krishna
kwame lakshmi lata layla leila lihua linh mahmoud makoto manish manoj mariam mariko masako meena
meera megumi mehmet meiling michiko minho minjun mohamed mohammad mohammed mohan muhammad mukesh
murat mustafa nadia naoko nasser naveen neha ngoc ngozi nguyen nikhil nisha nitin nkechi noriko
oluwaseun omar osama pankaj phuong pooja pradeep prakash pramod prasad pratibha priya priyanka
rahul raj rajesh rajiv rakesh ramesh rashid ravi rekha rohan rohit sachin salma samir sandeep
sanjay sanjeev santosh satoshi sayuri seema selim seojun seoyeon shilpa shinji shiva shreya sinan
sipho sita sneha sonal sooyoung sudha sumit sunil sunita suresh swati takashi takeshi tariq thabo
thanh themba thuy tomoko tuan usha vandana varun venkat vijay vikas vikram vinod vivek weimin
xiaoling xiaoming yasmin yingying yoko yoshiko youssef yuki yuko yusuf zainab zanele zeynep ömer
özlem
"""
_MORE = """
aiden andres anouk antónio aoife aurelie ayse bjorn celine ciara conor consuelo davide ekaterina
elijah eoin francois freja gonçalo haruto henk jose kimberly larissa luís manon marisol mikkel niamh
paulo philippe piet raul rocio roisin rui sanne siobhan ximena
"""

GIVEN_NAMES = frozenset(
    f"{_ENGLISH} {_GERMAN_DUTCH_NORDIC} {_ROMANCE} {_EASTERN} {_FURTHER} {_MORE}".split()
)
