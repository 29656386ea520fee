//! The words of the pages, in every language that invitations are mailed in.

use crate::auth::Weakness;
use crate::model::Language;

/// The words of one language. `{}` stands where a value comes.
pub struct Words {
    /// The language.
    pub language: Language,
    title: [&'static str; 3],
    for_whom: &'static str,
    /// What the list of organizations is.
    pub organizations: &'static str,
    by_provider: &'static str,
    /// The field.
    pub password: &'static str,
    /// The field once more.
    pub again: &'static str,
    hint: &'static str,
    /// That the password may stay.
    pub keep: &'static str,
    /// The button.
    pub accept: &'static str,
    /// The other button.
    pub reject: &'static str,
    /// What rejecting means.
    pub reject_means: &'static str,
    /// The way back.
    pub back: &'static str,
    until: &'static str,
    /// That the fields differ.
    pub differ: &'static str,
    /// That it is accepted, and what then.
    pub accepted: [&'static str; 2],
    /// The way to sign in.
    pub sign_in: &'static str,
    /// That it is rejected, and what then.
    pub rejected: [&'static str; 2],
    /// That the link leads nowhere, and what to do.
    pub gone: [&'static str; 2],
    /// That it is too much at once, and what to do.
    pub wait: [&'static str; 2],
    /// That it did not work, and what to do.
    pub failed: [&'static str; 2],
    weak: [&'static str; 8],
}

impl Words {
    /// The words of a language.
    pub fn of(language: Language) -> &'static Self {
        match language {
            Language::En => &EN,
            Language::De => &DE,
            Language::Fr => &FR,
            Language::Es => &ES,
        }
    }

    /// Who invites whereto.
    pub fn title(&self, inviter: &str, place: &str) -> String {
        let [before, between, after] = self.title;
        format!("{before}{inviter}{between}{place}{after}")
    }

    /// Whose invitation it is.
    pub fn for_whom(&self, email: &str) -> String {
        self.for_whom.replace("{}", email)
    }

    /// That one signs in elsewhere.
    pub fn by_provider(&self, name: &str) -> String {
        self.by_provider.replace("{}", name)
    }

    /// How long a password is at least.
    pub fn hint(&self, least: usize) -> String {
        self.hint.replace("{}", &least.to_string())
    }

    /// Until when it is open.
    pub fn until(&self, end: &str) -> String {
        self.until.replace("{}", end)
    }

    /// What is wrong with a password, and what to change.
    pub fn weak(&self, weakness: Weakness) -> &'static str {
        self.weak[match weakness {
            Weakness::TooShort => 0,
            Weakness::TooLong => 1,
            Weakness::OwnName => 2,
            Weakness::Common => 3,
            Weakness::Pattern => 4,
            Weakness::Date => 5,
            Weakness::Word => 6,
            Weakness::Guessable => 7,
        }]
    }
}

const EN: Words = Words {
    language: Language::En,
    title: ["", " invites you to ", ""],
    for_whom: "For {}. The link works once.",
    organizations: "The invitation is for:",
    by_provider: "You will sign in with {}; no password is needed here.",
    password: "Choose a password",
    again: "The same password again",
    hint: "At least {} characters. A few words that nobody else would put together are best.",
    keep: "You have a password already. Leave both fields empty to keep it.",
    accept: "Activate account",
    reject: "Reject invitation",
    reject_means: "Nothing is activated, and the link stops working. Whoever invited you can see that.",
    back: "Back to the invitation",
    until: "Open until {}.",
    differ: "The two passwords differ. Type the same one twice.",
    accepted: ["Your account is active", "You can close this page and sign in where you were told to."],
    sign_in: "Sign in",
    rejected: ["The invitation is rejected", "You can close this page. Nothing else has to be done."],
    gone: [
        "This link does not work",
        "It may have been used, be too old, or be incomplete. Ask whoever invited you for a new invitation.",
    ],
    wait: ["A moment, please", "Too many links were tried from here. Try again in some minutes."],
    failed: ["That did not work", "Try again in a moment. If it stays so, tell whoever invited you."],
    weak: [
        "That is too short: use at least 12 characters. Several words are easy to remember.",
        "That is too long for a password.",
        "That is made of your name or address, which is tried first. Use words that have nothing to do with you.",
        "That is one of the first passwords that anybody tries. Choose words that nobody else would put together.",
        "Repetitions, sequences and rows of keys are easy to guess. Add a word or two instead.",
        "Dates and years are easy to guess. Add words that nobody expects.",
        "A name or a single word is easy to guess, even with digits behind it. Add another word or two.",
        "That is easier to guess than it looks. Add another word or two.",
    ],
};

const DE: Words = Words {
    language: Language::De,
    title: ["", " lädt Sie zu ", " ein"],
    for_whom: "Für {}. Der Link funktioniert einmal.",
    organizations: "Die Einladung gilt für:",
    by_provider: "Sie melden sich mit {} an; hier ist kein Passwort nötig.",
    password: "Passwort wählen",
    again: "Dasselbe Passwort noch einmal",
    hint: "Mindestens {} Zeichen. Am besten einige Wörter, die sonst niemand zusammenstellt.",
    keep: "Sie haben bereits ein Passwort. Lassen Sie beide Felder leer, um es zu behalten.",
    accept: "Konto aktivieren",
    reject: "Einladung ablehnen",
    reject_means: "Es wird nichts aktiviert, und der Link gilt nicht mehr. Wer Sie eingeladen hat, kann das sehen.",
    back: "Zurück zur Einladung",
    until: "Gültig bis {}.",
    differ: "Die beiden Passwörter sind verschieden. Geben Sie zweimal dasselbe ein.",
    accepted: [
        "Ihr Konto ist aktiv",
        "Sie können diese Seite schließen und sich dort anmelden, wo es Ihnen gesagt wurde.",
    ],
    sign_in: "Anmelden",
    rejected: ["Die Einladung ist abgelehnt", "Sie können diese Seite schließen. Mehr ist nicht zu tun."],
    gone: [
        "Dieser Link funktioniert nicht",
        "Vielleicht wurde er schon benutzt, ist zu alt oder unvollständig. Bitten Sie um eine neue Einladung.",
    ],
    wait: [
        "Einen Moment, bitte",
        "Von hier wurden zu viele Links versucht. Versuchen Sie es in einigen Minuten wieder.",
    ],
    failed: [
        "Das hat nicht geklappt",
        "Versuchen Sie es gleich noch einmal. Bleibt es so, sagen Sie es dem Einladenden.",
    ],
    weak: [
        "Das ist zu kurz: mindestens 12 Zeichen. Mehrere Wörter sind leicht zu merken.",
        "Das ist zu lang für ein Passwort.",
        "Das besteht aus Ihrem Namen oder Ihrer Adresse, was zuerst versucht wird. Nehmen Sie andere Wörter.",
        "Das ist eines der ersten Passwörter, die jeder versucht. Wählen Sie Wörter, die sonst niemand zusammenstellt.",
        "Wiederholungen, Folgen und Tastenreihen sind leicht zu erraten. Fügen Sie ein, zwei Wörter hinzu.",
        "Daten und Jahreszahlen sind leicht zu erraten. Fügen Sie unerwartete Wörter hinzu.",
        "Ein Name oder ein einzelnes Wort ist leicht zu erraten, auch mit Ziffern dahinter. Fügen Sie Wörter hinzu.",
        "Das ist leichter zu erraten, als es aussieht. Fügen Sie ein, zwei Wörter hinzu.",
    ],
};

const FR: Words = Words {
    language: Language::Fr,
    title: ["", " vous invite à rejoindre ", ""],
    for_whom: "Pour {}. Le lien ne sert qu’une fois.",
    organizations: "L’invitation concerne :",
    by_provider: "Vous vous connecterez avec {} ; aucun mot de passe n’est nécessaire ici.",
    password: "Choisissez un mot de passe",
    again: "Le même mot de passe",
    hint: "Au moins {} caractères. Le mieux : quelques mots que personne d’autre n’assemblerait.",
    keep: "Vous avez déjà un mot de passe. Laissez les deux champs vides pour le garder.",
    accept: "Activer le compte",
    reject: "Refuser l’invitation",
    reject_means: "Rien n’est activé et le lien cesse de fonctionner. La personne qui vous a invité peut le voir.",
    back: "Retour à l’invitation",
    until: "Valable jusqu’au {}.",
    differ: "Les deux mots de passe diffèrent. Saisissez deux fois le même.",
    accepted: ["Votre compte est actif", "Vous pouvez fermer cette page et vous connecter là où on vous l’a indiqué."],
    sign_in: "Se connecter",
    rejected: ["L’invitation est refusée", "Vous pouvez fermer cette page. Il n’y a rien d’autre à faire."],
    gone: [
        "Ce lien ne fonctionne pas",
        "Il a peut-être déjà servi, est trop ancien ou incomplet. Demandez une nouvelle invitation.",
    ],
    wait: ["Un instant", "Trop de liens ont été essayés d’ici. Réessayez dans quelques minutes."],
    failed: [
        "Cela n’a pas marché",
        "Réessayez dans un instant. Si cela persiste, dites-le à la personne qui vous a invité.",
    ],
    weak: [
        "C’est trop court : au moins 12 caractères. Plusieurs mots se retiennent facilement.",
        "C’est trop long pour un mot de passe.",
        "Cela vient de votre nom ou de votre adresse, qu’on essaie en premier. Prenez d’autres mots.",
        "C’est l’un des premiers mots de passe qu’on essaie. Choisissez des mots que personne n’assemblerait.",
        "Répétitions, suites et rangées de touches se devinent facilement. Ajoutez un ou deux mots.",
        "Dates et années se devinent facilement. Ajoutez des mots inattendus.",
        "Un nom ou un seul mot se devine facilement, même suivi de chiffres. Ajoutez des mots.",
        "C’est plus facile à deviner qu’il n’y paraît. Ajoutez un ou deux mots.",
    ],
};

const ES: Words = Words {
    language: Language::Es,
    title: ["", " le invita a ", ""],
    for_whom: "Para {}. El enlace funciona una sola vez.",
    organizations: "La invitación es para:",
    by_provider: "Iniciará sesión con {}; aquí no hace falta contraseña.",
    password: "Elija una contraseña",
    again: "La misma contraseña otra vez",
    hint: "Al menos {} caracteres. Lo mejor son varias palabras que nadie más juntaría.",
    keep: "Ya tiene una contraseña. Deje ambos campos vacíos para conservarla.",
    accept: "Activar la cuenta",
    reject: "Rechazar la invitación",
    reject_means: "No se activa nada y el enlace deja de funcionar. Quien le invitó puede verlo.",
    back: "Volver a la invitación",
    until: "Válida hasta el {}.",
    differ: "Las dos contraseñas son distintas. Escriba dos veces la misma.",
    accepted: ["Su cuenta está activa", "Puede cerrar esta página e iniciar sesión donde se le indicó."],
    sign_in: "Iniciar sesión",
    rejected: ["La invitación está rechazada", "Puede cerrar esta página. No hay que hacer nada más."],
    gone: [
        "Este enlace no funciona",
        "Quizá ya se usó, es demasiado antiguo o está incompleto. Pida una invitación nueva.",
    ],
    wait: ["Un momento", "Se probaron demasiados enlaces desde aquí. Inténtelo de nuevo en unos minutos."],
    failed: ["No ha funcionado", "Inténtelo de nuevo en un momento. Si sigue así, avise a quien le invitó."],
    weak: [
        "Es demasiado corta: al menos 12 caracteres. Varias palabras son fáciles de recordar.",
        "Es demasiado larga para una contraseña.",
        "Está hecha de su nombre o dirección, lo primero que se prueba. Use otras palabras.",
        "Es una de las primeras contraseñas que se prueban. Elija palabras que nadie más juntaría.",
        "Las repeticiones, secuencias y filas de teclas se adivinan fácilmente. Añada una o dos palabras.",
        "Las fechas y los años se adivinan fácilmente. Añada palabras inesperadas.",
        "Un nombre o una sola palabra se adivina fácilmente, también con cifras detrás. Añada palabras.",
        "Es más fácil de adivinar de lo que parece. Añada una o dos palabras.",
    ],
};
