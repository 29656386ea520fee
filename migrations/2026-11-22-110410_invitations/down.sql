DROP FUNCTION expire_invitations;
DROP FUNCTION decide_invitation;
DROP FUNCTION resend_invitation;
DROP FUNCTION invite_user;
DROP FUNCTION withdraw_mails;
DROP TABLE invitations;
