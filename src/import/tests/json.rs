use super::super::SurveyOptions;
use super::{good, mapped, people, refusal, rows};

#[test]
fn an_array_and_lines_are_read_as_the_api_reads_records() {
    let one = r#"{"employeeId":"1","email":"a@x.org","roles":["5","a;b"],"active":true,"attributes":{"nickName":"A"}}"#;
    let two = r#"{"email":"b@x.org","firstName":"B]}\"","title":null}"#;
    let array = format!("\u{feff} [\n{one},\n{two}\n]\n");
    let lines = format!("{one}\n{two}\n");
    for text in [array, lines] {
        let people = good(text.as_bytes(), &SurveyOptions::default());
        assert_eq!(people[0], serde_json::from_str(one).unwrap());
        assert_eq!(people[1], serde_json::from_str(two).unwrap());
    }
}

#[test]
fn names_are_mapped_as_columns_are() {
    let text = r#"[{"Mail":"a@x.org"},{"Mail":"b@x.org","Vorname":"B","Chef":"7"}]"#;
    let people = good(text.as_bytes(), &mapped(&[("Chef", "manager")]));
    assert_eq!(people[0].email.as_deref(), Some("a@x.org"));
    assert_eq!((people[1].first_name.as_deref(), people[1].manager.as_deref()), (Some("B"), Some("7")));
}

#[test]
fn one_object_fails_alone_and_the_text_as_a_whole_is_held_to_its_form() {
    let text = "[{\"email\":\"a@x.org\",\"email\":\"b@x.org\"},\n{\"email\":\"c@x.org\"}]";
    let people = people(text.as_bytes(), &SurveyOptions::default()).unwrap();
    assert!(people[0].as_ref().unwrap_err().message.contains("more than once"));
    assert!(people[1].is_ok());
    assert_eq!(rows(text.as_bytes(), &SurveyOptions::default()).unwrap()[1].line, 2);
    for (text, said) in [
        ("[{\"email\":\"a@x.org\"},\n]", "line 2: a comma stands before the end of the array"),
        ("[{\"email\":\"a@x.org\"}\n{}]", "line 2: a comma is missing between two objects"),
        ("[{\"email\":\"a@x.org\"}", "line 1: the array does not end; the file may be cut off"),
        ("[{\"email\":\"a@x.org\"", "line 1: the object does not end; the file may be cut off"),
        ("[{\"email\":\"a@x.org\"}]\nx", "line 2: something follows the array"),
        ("[1]", "line 1: an object has to stand here: a person, in curly brackets"),
        ("[]", "the file is empty; send one with a row of column names and rows below it"),
    ] {
        assert_eq!(refusal(text.as_bytes()), said);
    }
}
