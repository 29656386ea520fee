DROP FUNCTION redeem_link, change_admin, take_sign_in, forgive_sign_in, begin_sign_in, sign_in_pause;
