//! The names that invented people have: ten cultures, each with given and family names and their plain form.

/// A place of work with the names of the people there.
pub struct Culture {
    pub locale: &'static str,
    pub language: &'static str,
    pub timezone: &'static str,
    pub country: &'static str,
    pub city: &'static str,
    /// Whether the family name stands first in a full name.
    pub family_first: bool,
    /// Given names: as written, and as in a user name.
    pub given: [(&'static str, &'static str); 10],
    /// Family names in the same two forms. Eleven, so that ten given names meet each of them.
    pub family: [(&'static str, &'static str); 11],
}

/// Departments with the title of most people in them.
pub const DEPARTMENTS: [(&str, &str); 12] = [
    ("Engineering", "Software Engineer"),
    ("Quality & Reliability", "Reliability Engineer"),
    ("Product", "Product Manager"),
    ("Design", "Interaction Designer"),
    ("Sales", "Account Executive"),
    ("Customer Care", "Support Specialist"),
    ("Marketing", "Campaign Planner"),
    ("Finance", "Financial Analyst"),
    ("Legal", "Counsel"),
    ("People & Culture", "People Partner"),
    ("Logistics", "Supply Planner"),
    ("Information Security", "Security Analyst"),
];

/// Every culture; person `n` belongs to number `n` modulo the length.
#[rustfmt::skip]
pub const CULTURES: [Culture; 10] = [
    Culture {
        locale: "de-DE",
        language: "de-DE",
        timezone: "Europe/Berlin",
        country: "DE",
        city: "München",
        family_first: false,
        given: [
            ("Jürgen", "juergen"), ("Käthe", "kaethe"), ("Sören", "soeren"), ("Anneliese", "anneliese"),
            ("Günther", "guenther"), ("Heike", "heike"), ("Björn", "bjoern"), ("Ursula", "ursula"),
            ("Mäxchen", "maexchen"), ("Lotte", "lotte"),
        ],
        family: [
            ("Müller", "mueller"), ("Groß", "gross"), ("Schäfer", "schaefer"), ("Königsberger", "koenigsberger"),
            ("Weiß", "weiss"), ("von der Heide", "vonderheide"), ("Brückner", "brueckner"), ("Jäger", "jaeger"),
            ("Löwe", "loewe"), ("Zimmermann", "zimmermann"), ("Vogt", "vogt"),
        ],
    },
    Culture {
        locale: "en-IE",
        language: "en-IE",
        timezone: "Europe/Dublin",
        country: "IE",
        city: "Dún Laoghaire",
        family_first: false,
        given: [
            ("Sinéad", "sinead"), ("Pádraig", "padraig"), ("Aoife", "aoife"), ("Séamus", "seamus"),
            ("Niamh", "niamh"), ("Cillian", "cillian"), ("Róisín", "roisin"), ("Eoghan", "eoghan"),
            ("Caoimhe", "caoimhe"), ("Fionn", "fionn"),
        ],
        family: [
            ("O'Brien", "o'brien"), ("O'Sullivan", "o'sullivan"), ("Ní Dhomhnaill", "nidhomhnaill"),
            ("D'Arcy", "d'arcy"), ("Mac Giolla", "macgiolla"), ("O'Connor", "o'connor"), ("Byrne", "byrne"),
            ("Ó Cadhain", "ocadhain"), ("Kavanagh-Reilly", "kavanagh-reilly"), ("Walsh", "walsh"), ("Doyle", "doyle"),
        ],
    },
    Culture {
        locale: "fr-FR",
        language: "fr-FR",
        timezone: "Europe/Paris",
        country: "FR",
        city: "Besançon",
        family_first: false,
        given: [
            ("Éloïse", "eloise"), ("Théo", "theo"), ("Jean-François", "jean-francois"), ("Maëlle", "maelle"),
            ("Gaël", "gael"), ("Zoé", "zoe"), ("André", "andre"), ("Noémie", "noemie"), ("Loïc", "loic"),
            ("Hélène", "helene"),
        ],
        family: [
            ("L'Hôpital", "l'hopital"), ("Lefèvre", "lefevre"), ("d'Aubigné", "d'aubigne"), ("Bœuf", "boeuf"),
            ("Garçon", "garcon"), ("Saint-Exupère", "saint-exupere"), ("Crépin", "crepin"), ("Noël", "noel"),
            ("Châtelain", "chatelain"), ("Rousseau", "rousseau"), ("Petit", "petit"),
        ],
    },
    Culture {
        locale: "es-MX",
        language: "es-MX",
        timezone: "America/Mexico_City",
        country: "MX",
        city: "Mérida",
        family_first: false,
        given: [
            ("Íñigo", "inigo"), ("Begoña", "begona"), ("José María", "josemaria"), ("Lucía", "lucia"),
            ("Ángel", "angel"), ("Ximena", "ximena"), ("Raúl", "raul"), ("Belén", "belen"), ("Óscar", "oscar"),
            ("Inés", "ines"),
        ],
        family: [
            ("Muñoz Ibáñez", "munoz"), ("Peña", "pena"), ("García Núñez", "garcia"), ("Yáñez", "yanez"),
            ("Ordóñez", "ordonez"), ("de la Cruz", "delacruz"), ("Güell", "gueell"), ("Castañeda", "castaneda"),
            ("Vázquez", "vazquez"), ("Rincón", "rincon"), ("Leal", "leal"),
        ],
    },
    Culture {
        locale: "pl-PL",
        language: "pl-PL",
        timezone: "Europe/Warsaw",
        country: "PL",
        city: "Łódź",
        family_first: false,
        given: [
            ("Łukasz", "lukasz"), ("Małgorzata", "malgorzata"), ("Paweł", "pawel"), ("Żaneta", "zaneta"),
            ("Michał", "michal"), ("Agnieszka", "agnieszka"), ("Bogusław", "boguslaw"), ("Róża", "roza"),
            ("Stanisław", "stanislaw"), ("Ewa", "ewa"),
        ],
        family: [
            ("Wiśniewska", "wisniewska"), ("Dąbrowski", "dabrowski"), ("Wójcik", "wojcik"), ("Kamiński", "kaminski"),
            ("Zając", "zajac"), ("Śliwa", "sliwa"), ("Błaszczyk", "blaszczyk"), ("Jabłoński", "jablonski"),
            ("Gołąb", "golab"), ("Ćwik", "cwik"), ("Nowak", "nowak"),
        ],
    },
    Culture {
        locale: "tr-TR",
        language: "tr-TR",
        timezone: "Europe/Istanbul",
        country: "TR",
        city: "İstanbul",
        family_first: false,
        given: [
            ("İpek", "ipek"), ("Çağlar", "caglar"), ("Işıl", "isil"), ("Özgür", "ozgur"), ("Şebnem", "sebnem"),
            ("Göksel", "goksel"), ("Ümit", "umit"), ("Ayşe", "ayse"), ("Doğan", "dogan"), ("Gülşen", "gulsen"),
        ],
        family: [
            ("Yılmaz", "yilmaz"), ("Çelik", "celik"), ("Öztürk", "ozturk"), ("Şahin", "sahin"), ("Aydın", "aydin"),
            ("Gündoğdu", "gundogdu"), ("Kılıç", "kilic"), ("Ağaoğlu", "agaoglu"), ("Işık", "isik"),
            ("Türkmen", "turkmen"), ("Demir", "demir"),
        ],
    },
    Culture {
        locale: "ja-JP",
        language: "ja-JP",
        timezone: "Asia/Tokyo",
        country: "JP",
        city: "東京",
        family_first: true,
        given: [
            ("さくら", "sakura"), ("健太", "kenta"), ("美咲", "misaki"), ("大輔", "daisuke"), ("陽子", "yoko"),
            ("翔太", "shota"), ("真由美", "mayumi"), ("直樹", "naoki"), ("千尋", "chihiro"), ("ケン", "ken"),
        ],
        family: [
            ("田中", "tanaka"), ("佐藤", "sato"), ("髙橋", "takahashi"), ("渡邊", "watanabe"), ("小林", "kobayashi"),
            ("山本", "yamamoto"), ("齋藤", "saito"), ("伊藤", "ito"), ("中村", "nakamura"), ("森", "mori"),
            ("長谷川", "hasegawa"),
        ],
    },
    Culture {
        locale: "zh-CN",
        language: "zh-Hans-CN",
        timezone: "Asia/Shanghai",
        country: "CN",
        city: "上海",
        family_first: true,
        given: [
            ("伟", "wei"), ("秀英", "xiuying"), ("晓明", "xiaoming"), ("丽", "li"), ("志强", "zhiqiang"),
            ("雪梅", "xuemei"), ("建国", "jianguo"), ("婷婷", "tingting"), ("浩然", "haoran"), ("子涵", "zihan"),
        ],
        family: [
            ("王", "wang"), ("李", "li"), ("欧阳", "ouyang"), ("陈", "chen"), ("刘", "liu"), ("诸葛", "zhuge"),
            ("赵", "zhao"), ("吕", "lv"), ("周", "zhou"), ("𠮷野", "jiye"), ("孙", "sun"),
        ],
    },
    Culture {
        locale: "uk-UA",
        language: "uk-UA",
        timezone: "Europe/Kyiv",
        country: "UA",
        city: "Львів",
        family_first: false,
        given: [
            ("Оксана", "oksana"), ("Дем'ян", "demian"), ("Юлія", "yuliia"), ("Тарас", "taras"), ("Ївга", "yivha"),
            ("Андрій", "andrii"), ("Соломія", "solomiia"), ("Богдан", "bohdan"), ("Леся", "lesia"), ("Ігор", "ihor"),
        ],
        family: [
            ("Шевчук", "shevchuk"), ("Григоренко", "hryhorenko"), ("Лук'яненко", "lukianenko"), ("Їжак", "yizhak"),
            ("Коваль", "koval"), ("Щербина", "shcherbyna"), ("Юрчишин", "yurchyshyn"), ("Мельник", "melnyk"),
            ("Ґудзь", "gudz"), ("Бондар", "bondar"), ("Зінченко", "zinchenko"),
        ],
    },
    Culture {
        locale: "vi-VN",
        language: "vi-VN",
        timezone: "Asia/Ho_Chi_Minh",
        country: "VN",
        city: "Đà Nẵng",
        family_first: true,
        given: [
            ("Thị Hương", "huong"), ("Văn Đức", "duc"), ("Minh Châu", "chau"), ("Quốc Bảo", "bao"), ("Ánh", "anh"),
            ("Thùy Dương", "duong"), ("Hữu Phước", "phuoc"), ("Ngọc Yến", "yen"), ("Tuấn", "tuan"), ("Mỹ Lệ", "my-le"),
        ],
        family: [
            ("Nguyễn", "nguyen"), ("Trần", "tran"), ("Lê", "le"), ("Phạm", "pham"), ("Huỳnh", "huynh"), ("Võ", "vo"),
            ("Đặng", "dang"), ("Bùi", "bui"), ("Đỗ", "do"), ("Lý", "ly"), ("Dương", "duong"),
        ],
    },
];
